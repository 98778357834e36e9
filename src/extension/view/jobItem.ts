import type { Job } from '../../api/job.ts';
import { isEnded, isWaiting, type JobStatus } from '../../api/values.ts';
import { duration, elapsed, endWords, jobTitle, statusWord, type Localize } from '../base/jobWords.ts';
import { attemptWords, shortId, waitingWords, type NameOf } from './waitingWords.ts';

/** A codicon and the id of a theme colour. */
export interface Icon {
  id: string;
  color: string;
}

export const statusIcons: Record<JobStatus, Icon> = {
  held: { id: 'lock', color: 'descriptionForeground' },
  scheduled: { id: 'calendar', color: 'charts.yellow' },
  pending: { id: 'clockface', color: 'charts.yellow' },
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

/** One that is ready looks as if it had reached its end, though it runs. */
export function jobIcon({ status, ready }: Pick<Job, 'status' | 'ready'>): Icon {
  const icon = statusIcons[status];
  if (status !== 'running' || ready === null) return icon;
  return { ...icon, color: ready ? 'charts.green' : 'charts.yellow' };
}

/** What stands behind the job's name: how long, how it ended, why it waits. */
export function jobDescription(job: Job, now: number, t: Localize, nameOf: NameOf = shortId): string {
  const parts = [mainPart(job, now, t, nameOf)];
  if (isEnded(job.status) && job.durationMs !== null) parts.push(duration(job.durationMs));
  parts.push(againWords(job, t));
  if (isEnded(job.status) && job.leftovers.length > 0) parts.push(leftoversWords(job.leftovers.length, t));
  if (job.options.actor === 'agent') parts.push(t('agent'));
  if (job.pinned) parts.push(t('pinned'));
  return parts.filter((part) => part !== '').join(' · ');
}

function mainPart(job: Job, now: number, t: Localize, nameOf: NameOf): string {
  switch (job.status) {
    case 'scheduled':
    case 'pending':
      return waitingWords(job, now, t, nameOf);
    case 'running':
      return [readyWord(job, t), runningFor(job, now)].filter((part) => part !== '').join(' · ');
    case 'paused':
    case 'stopping':
      return [statusWord(job.status, t), runningFor(job, now)].filter((part) => part !== '').join(' · ');
    case 'completed':
      return '';
    case 'timed_out':
      return job.reason === 'out_of_memory' ? t('over its memory limit') : t('timed out');
    case 'failed':
      if (job.error) return job.error.message;
      if (job.reason === 'out_of_memory') return t('out of memory');
      return job.exitCode === null ? (job.signal ?? t('failed')) : t('exit {0}', job.exitCode);
    case 'killed':
      return job.signal ?? t('killed');
    case 'cancelled':
      if (job.reason === 'dependency_failed') return t('cancelled: a dependency failed');
      return job.reason === 'missed' ? t('cancelled: its time was missed') : t('cancelled');
    default:
      return statusWord(job.status, t);
  }
}

/** Which attempt it is, from the second on; how many were in vain. */
function againWords({ status, attempt, gaveUp, options }: Job, t: Localize): string {
  if (attempt === null || attempt < 2 || isWaiting(status)) return '';
  return gaveUp
    ? t('gave up after {0} attempts', attempt)
    : attemptWords(attempt, options.retry?.maxAttempts ?? null, t);
}

/** Empty when nobody asked. */
export function readyWord({ ready }: Pick<Job, 'ready'>, t: Localize): string {
  if (ready === null) return '';
  return ready ? t('ready') : t('not ready');
}

function runningFor(job: Job, now: number): string {
  return job.startedAt === null ? '' : elapsed(now - Date.parse(job.startedAt));
}

export function leftoversWords(count: number, t: Localize): string {
  return count === 1 ? t('1 process remains') : t('{0} processes remain', count);
}

/** The whole item as a sentence, for screen readers: an icon says nothing to them. */
export function jobAccessibleLabel(job: Job, now: number, t: Localize, nameOf: NameOf = shortId): string {
  const status = isEnded(job.status) ? endWords({ ...job, status: job.status }, t) : statusWord(job.status, t);
  return [jobTitle(job), status, jobDescription(job, now, t, nameOf)].join(', ');
}
