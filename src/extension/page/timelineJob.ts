import type { Job, Run } from '../../api/job.ts';
import { isEnded, isFailure, isWaiting, type JobStatus } from '../../api/values.ts';
import { endText, statusText, tasksText } from '../../text/endText.ts';
import { capitalized, joined, jobTitle, shorten } from '../../text/grammar.ts';
import { editorWording, progressText, readyText, waitingText, type NameOf } from '../../text/stateText.ts';
import type { Outcome, TimelineJob, TimelineRun, TimelineWait } from '../../webview/timelineMessages.ts';
import { t } from '../base/l10n.ts';

/**
 * A job as the timeline shows it; undefined for a schedule, which never runs itself.
 * @param now milliseconds since the epoch
 */
export function timelineJob(job: Job, nameOf: NameOf, now: number): TimelineJob | undefined {
  const { id, session, options, dependsOn } = job;
  if (options.cron !== null) return undefined;
  const created = Date.parse(job.createdAt);
  return {
    id,
    title: shorten(jobTitle(job), 80),
    session,
    created,
    queued: Date.parse(job.queuedAt),
    due: options.at !== null ? Date.parse(options.at) : options.delayMs ? created + options.delayMs : null,
    after: dependsOn.map(({ job: other }) => other),
    isRetried: options.retry !== null || options.restart !== null,
    wait: waitOf(job, nameOf, now),
    runs: job.runs.length > 0 ? job.runs.flatMap((run) => runOf(run, job, now)) : tasksOf(job),
  };
}

function waitOf(job: Job, nameOf: NameOf, now: number): TimelineWait | null {
  const { status, waitingFor, finishedAt } = job;
  if (isWaiting(status)) {
    const text = waitingText(job, editorWording(t, now, nameOf)) || statusText(status, t);
    const isQueued = status === 'pending' && !['dependency', 'time', 'retry'].includes(waitingFor?.type ?? '');
    return { to: null, text: capitalized(text), isQueued };
  }
  if (status !== 'cancelled' || finishedAt === null) return null;
  return { to: Date.parse(finishedAt), text: capitalized(endText({ ...job, durationMs: null }, t)), isQueued: false };
}

/** None before it has begun. */
function runOf(run: Run, job: Job, now: number): TimelineRun[] {
  if (run.startedAt === null) return [];
  const ended = isEnded(run.status);
  const goesOn = joined(statusText(run.status, t), readyText(job, t), progressText(job, { t, now }));
  return [
    {
      number: run.number,
      from: Date.parse(run.startedAt),
      to: ended && run.finishedAt !== null ? Date.parse(run.finishedAt) : null,
      outcome: outcomeOf(run.status),
      text: capitalized(ended ? endText({ ...run, durationMs: null }, t) : goesOn),
    },
  ];
}

/** An array has tasks in place of runs. Its bar goes from the start of the first one to the end of the last. */
function tasksOf(job: Job): TimelineRun[] {
  if (!job.array || job.startedAt === null) return [];
  const to = job.finishedAt === null ? null : Date.parse(job.finishedAt);
  const state = isEnded(job.status) ? endText({ ...job, durationMs: null }, t) : statusText(job.status, t);
  const text = capitalized(joined(state, tasksText(job, t)));
  return [
    { number: 1, from: Date.parse(job.startedAt), to, outcome: to === null ? 'running' : outcomeOf(job.status), text },
  ];
}

function outcomeOf(status: JobStatus): Outcome {
  if (isWaiting(status)) return 'waiting';
  if (!isEnded(status)) return 'running';
  if (status === 'completed') return 'completed';
  return isFailure(status) ? 'failed' : 'stopped';
}
