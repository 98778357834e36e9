import type { Job } from '../../api/job.ts';
import { isEnded, isWaiting, type JobStatus } from '../../api/values.ts';
import { endText, exitText, gaveUpText, remainingText, statusText } from '../../text/endText.ts';
import { jobTitle } from '../../text/grammar.ts';
import { coarseElapsed, duration, isSoon } from '../../text/timeText.ts';
import { attemptOf, readyText, waitingText } from '../../text/waitingText.ts';
import type { Wording } from '../../text/wording.ts';

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

/** A server that is ready has the colour of success, though it still runs. */
export function jobIcon({ status, ready }: Pick<Job, 'status' | 'ready'>): Icon {
  const icon = statusIcons[status];
  if (status !== 'running' || ready === null) return icon;
  return { ...icon, color: ready ? 'charts.green' : 'charts.yellow' };
}

/** The text after the job's name: how long it runs, how it ended or why it waits, and its marks. */
export function jobDescription(job: Job, wording: Wording): string {
  return [...stateParts(job, wording), ...marks(job, wording)].filter((part) => part !== '').join(' · ');
}

/** The whole item as a sentence, for screen readers: an icon says nothing to them. */
export function jobAccessibleLabel(job: Job, wording: Wording): string {
  const { t } = wording;
  const state = isEnded(job.status)
    ? [endText({ ...job, durationMs: null, reasonText: null }, t)]
    : [statusText(job.status, t), ...stateParts(job, wording)];
  const parts = new Set([jobTitle(job), ...state, ...marks(job, wording)]);
  return [...parts].filter((part) => part !== '').join(', ');
}

/** Whether its description changes with the time that remains. */
export function countsDown(job: Job, now: number): boolean {
  return job.dueAt !== null && isSoon(job.dueAt, now);
}

/** The icon has said the status already, where that is enough. */
function stateParts(job: Job, wording: Wording): string[] {
  const { t, now } = wording;
  const time = job.startedAt === null ? '' : coarseElapsed(now - Date.parse(job.startedAt));
  switch (job.status) {
    case 'scheduled':
    case 'pending':
      return [waitingText(job, wording) || statusText(job.status, t)];
    case 'running':
      return [readyText({ ready: job.ready }, t), time];
    case 'paused':
    case 'stopping':
      return [statusText(job.status, t), time];
    case 'completed':
      return [];
    case 'failed':
    case 'killed':
      if (!job.error && job.reason !== 'out_of_memory') return [exitText(job, t) || statusText(job.status, t)];
      break;
    default:
  }
  return [endText({ ...job, durationMs: null, reasonText: null, exitCode: null, signal: null }, t)];
}

/** How long it took, which attempt it is, what remains of it, who started it. */
function marks(job: Job, { t }: Wording): string[] {
  const ended = isEnded(job.status);
  return [
    ended && job.durationMs !== null ? duration(job.durationMs) : '',
    job.gaveUp ? gaveUpText(job.attempt ?? 1, t) : isWaiting(job.status) ? '' : attemptOf(job, t),
    ended && job.leftovers.length > 0 ? remainingText(job.leftovers.length, t) : '',
    job.options.actor === 'agent' ? t('agent') : '',
    job.pinned ? t('pinned') : '',
  ];
}
