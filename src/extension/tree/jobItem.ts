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
  scheduled: { id: 'calendar', color: 'charts.yellow' },
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

/** One that is ready looks as if it had reached its end, though it runs. */
export function jobIcon({ status, ready }: Pick<Job, 'status' | 'ready'>): Icon {
  const icon = statusIcons[status];
  if (status !== 'running' || ready === null) return icon;
  return { ...icon, color: ready ? 'charts.green' : 'charts.yellow' };
}

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
    case 'scheduled':
    case 'pending':
      return waitingWords(job, t);
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
    default:
      return statusWord(job.status, t);
  }
}

/** Without the date when it is within the next day. */
function shortTime(time: string): string {
  const date = new Date(time);
  return date.getTime() - Date.now() < 86_400_000 ? date.toLocaleTimeString() : date.toLocaleString();
}

/** Empty when nobody asked. */
export function readyWord({ ready }: Pick<Job, 'ready'>, t: Localize): string {
  if (ready === null) return '';
  return ready ? t('ready') : t('not ready');
}

function runningFor(job: Job, now: number): string {
  return job.startedAt === null ? '' : elapsed(now - Date.parse(job.startedAt));
}

export function waitingWords(job: Job, t: Localize): string {
  const { waitingFor } = job;
  switch (waitingFor?.type) {
    case undefined:
      return t('waiting');
    case 'limit':
      return waitingFor.scope === 'host'
        ? t('waits: {0} jobs run already', waitingFor.maximum)
        : t('waits: {0} jobs of this session run already', waitingFor.maximum);
    case 'dependency':
      return t('waits for {0}', waitingFor.jobs.map(({ jobId }) => jobId.slice(0, 8)).join(', '));
    case 'time':
      return job.options.cron === null
        ? t('at {0}', shortTime(waitingFor.until))
        : t('next {0}', shortTime(waitingFor.until));
    case 'retry':
      return waitingFor.maxAttempts === null
        ? t('attempt {0} at {1}', waitingFor.attempt, shortTime(waitingFor.until))
        : t('attempt {0} of {1} at {2}', waitingFor.attempt, waitingFor.maxAttempts, shortTime(waitingFor.until));
    case 'paused':
      return waitingFor.scope === 'host' ? t('waits: the queue is paused') : t('waits: its session is paused');
    case 'mutex':
      return t('waits for the mutex {0}', waitingFor.mutex);
    case 'resources':
      return t('waits: {0}', waitingFor.text);
  }
}

export function leftoversWords(count: number, t: Localize): string {
  return count === 1 ? t('1 process remains') : t('{0} processes remain', count);
}

/** The whole item as a sentence, for screen readers: an icon says nothing to them. */
export function jobAccessibleLabel(job: Job, now: number, t: Localize): string {
  const status = isEnded(job.status) ? endWords({ ...job, status: job.status }, t) : statusWord(job.status, t);
  return [jobTitle(job), status, jobDescription(job, now, t)].join(', ');
}
