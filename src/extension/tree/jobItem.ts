import type { Job } from '../../protocol/job.ts';
import { isEnded, type JobStatus } from '../../protocol/states.ts';
import { duration, elapsed, endWords, jobTitle, statusWord, type Localize } from '../words.ts';

/** A codicon and the id of a theme colour. */
export interface Icon {
  id: string;
  color: string;
}

export const statusIcons: Record<JobStatus, Icon> = {
  held: { id: 'lock', color: 'descriptionForeground' },
  pending: { id: 'clock', color: 'charts.yellow' },
  starting: { id: 'loading~spin', color: 'charts.blue' },
  running: { id: 'play-circle', color: 'charts.blue' },
  paused: { id: 'debug-pause', color: 'charts.yellow' },
  stopping: { id: 'loading~spin', color: 'list.warningForeground' },
  completed: { id: 'pass', color: 'charts.green' },
  failed: { id: 'error', color: 'charts.red' },
  killed: { id: 'stop-circle', color: 'list.warningForeground' },
  timed_out: { id: 'watch', color: 'charts.red' },
  lost: { id: 'question', color: 'charts.purple' },
  cancelled: { id: 'circle-slash', color: 'descriptionForeground' },
};

/** What stands behind the job's name: how long, how it ended, why it waits. */
export function jobDescription(job: Job, now: number, t: Localize): string {
  const parts = [mainPart(job, now, t)];
  if (isEnded(job.status) && job.durationMs !== null) parts.push(duration(job.durationMs));
  if (isEnded(job.status) && job.leftovers.length > 0) parts.push(leftoversWords(job.leftovers.length, t));
  if (job.options.actor === 'agent') parts.push(t('agent'));
  if (job.pinned) parts.push(t('pinned'));
  return parts.filter((part) => part !== '').join(' · ');
}

function mainPart(job: Job, now: number, t: Localize): string {
  switch (job.status) {
    case 'pending':
      return waitingWords(job, t);
    case 'running':
      return runningFor(job, now);
    case 'paused':
    case 'stopping':
      return [statusWord(job.status, t), runningFor(job, now)].filter((part) => part !== '').join(' · ');
    case 'completed':
      return '';
    case 'failed':
      if (job.error) return job.error.message;
      return job.exitCode === null ? (job.signal ?? t('failed')) : t('exit {0}', job.exitCode);
    case 'killed':
      return job.signal ?? t('killed');
    default:
      return statusWord(job.status, t);
  }
}

function runningFor(job: Job, now: number): string {
  return job.startedAt === null ? '' : elapsed(now - Date.parse(job.startedAt));
}

export function waitingWords(job: Job, t: Localize): string {
  if (job.waitingFor === null) return t('waiting');
  return job.waitingFor.scope === 'host'
    ? t('waits: {0} jobs run already', job.waitingFor.maximum)
    : t('waits: {0} jobs of this session run already', job.waitingFor.maximum);
}

export function leftoversWords(count: number, t: Localize): string {
  return count === 1 ? t('1 process remains') : t('{0} processes remain', count);
}

/** The whole item as a sentence, for screen readers: an icon says nothing to them. */
export function jobAccessibleLabel(job: Job, now: number, t: Localize): string {
  const status = isEnded(job.status) ? endWords({ ...job, status: job.status }, t) : statusWord(job.status, t);
  return [jobTitle(job), status, jobDescription(job, now, t)].join(', ');
}
