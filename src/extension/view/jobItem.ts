import type { Job } from '../../api/job.ts';
import { isActive, isEnded, isWaiting, type JobStatus } from '../../api/values.ts';
import { endText, exitText, gaveUpText, remainingText, statusText, tasksText } from '../../text/endText.ts';
import { jobTitle } from '../../text/grammar.ts';
import type { Relations } from '../../text/statusPage.ts';
import { coarseElapsed, isSoon, timeTaken } from '../../text/timeText.ts';
import {
  attemptOf,
  namedJobs,
  progressText,
  readyText,
  shortId,
  waitingText,
  type NameOf,
  type Wording,
} from '../../text/stateText.ts';
import type { ItemFlag } from '../base/ids.ts';
import { hasPlace } from '../model/groups.ts';
import type { JobModel } from '../model/jobModel.ts';

/** A codicon and the id of a theme color; without one it has that of the text. */
export interface Icon {
  id: string;
  color?: string;
}

/** Only what runs, what has succeeded and what has failed has a color: yellow is olive in a light theme, as green is. */
export const statusIcons: Record<JobStatus, Icon> = {
  held: { id: 'lock' },
  scheduled: { id: 'calendar' },
  pending: { id: 'clockface' },
  starting: { id: 'loading~spin', color: 'charts.blue' },
  running: { id: 'play-circle', color: 'charts.blue' },
  paused: { id: 'debug-pause' },
  stopping: { id: 'loading~spin' },
  completed: { id: 'pass', color: 'charts.green' },
  failed: { id: 'error', color: 'charts.red' },
  killed: { id: 'stop-circle', color: 'descriptionForeground' },
  timed_out: { id: 'watch', color: 'charts.red' },
  lost: { id: 'question', color: 'charts.purple' },
  cancelled: { id: 'circle-slash', color: 'descriptionForeground' },
};

/** A server that is ready has the colour of success, though it still runs. */
export function jobIcon({ status, ready }: Pick<Job, 'status' | 'ready'>): Icon {
  const icon = statusIcons[status];
  return status === 'running' && ready === true ? { ...icon, color: 'charts.green' } : icon;
}

/** The text after the job's name: how long it runs, how it ended or why it waits, and its marks. */
export function jobDescription(job: Job, wording: Wording): string {
  return [...stateParts(job, wording), tasksText(job, wording.t), ...marks(job, wording)]
    .filter((part) => part !== '')
    .join(' · ');
}

/** The whole item as a sentence, for screen readers: an icon says nothing to them. */
export function jobAccessibleLabel(job: Job, wording: Wording): string {
  const { t } = wording;
  const state = isEnded(job.status)
    ? [endText({ ...job, durationMs: null, reasonText: null }, t)]
    : [statusText(job.status, t), ...stateParts(job, wording)];
  const parts = new Set([jobTitle(job), ...state, tasksText(job, t), ...marks(job, wording)]);
  return [...parts].filter((part) => part !== '').join(', ');
}

/** Whether its description changes with the time that remains. */
export function countsDown(job: Job, now: number): boolean {
  return job.dueAt !== null && isSoon(job.dueAt, now);
}

/** The icon has said the status already, where that is enough. */
function stateParts(job: Job, wording: Wording): string[] {
  const { t, now } = wording;
  const since = (time: string | null): string => (time === null ? '' : coarseElapsed(now - Date.parse(time)));
  const time = since(job.startedAt);
  switch (job.status) {
    case 'scheduled':
    case 'pending':
      return [waitingText(job, wording) || statusText(job.status, t)];
    case 'running':
      return [readyText({ ready: job.ready }, t), progressText(job, wording), time];
    case 'paused':
      return [statusText(job.status, t), since(job.pausedAt)];
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
    ended && job.durationMs !== null ? timeTaken(job.durationMs) : '',
    job.gaveUp ? gaveUpText(job.attempt ?? 1, t) : isWaiting(job.status) ? '' : attemptOf(job, t),
    ended && job.leftovers.length > 0 ? remainingText(job.leftovers.length, t) : '',
    job.options.actor === 'agent' ? t('agent') : '',
    job.pinned ? t('pinned') : '',
  ];
}

/** What an array has no process for, or what its tasks have together. */
const notForArrays = new Set<ItemFlag>(['pause', 'resume', 'rerun', 'input', 'attach', 'log', 'problems', 'inspect']);
const notForTasks = new Set<ItemFlag>([
  'rerun',
  'edit',
  'hold',
  'move',
  'priority',
  'dependencies',
  'remove',
  'rename',
  'pin',
  'mute',
]);

/** What can be done with a job in its state. The menus of the tree and the pickers of the palette use it. */
export function jobFlags(job: Job, muted: boolean, wanted = false): ItemFlag[] {
  const { status } = job;
  const active = isActive(status);
  const ended = isEnded(status);
  const waits = status === 'pending' || status === 'scheduled';
  const can: Partial<Record<ItemFlag, boolean>> = {
    kill: active || job.leftovers.length > 0,
    cancel: waits,
    signal: active,
    pause: status === 'running',
    resume: status === 'paused',
    restart: active || ended,
    restartFailed: (job.array?.ended ?? 0) > (job.array?.byStatus.completed ?? 0),
    rerun: job.codingAgent === null && job.options.cron === null,
    edit: isWaiting(status) && job.run === null,
    explain: (status === 'failed' || status === 'timed_out') && !job.array,
    continue: ended && job.codingAgent !== null,
    hold: waits,
    release: status === 'held',
    startNow: status === 'scheduled',
    move: hasPlace(job),
    priority: isWaiting(status),
    dependencies: isWaiting(status),
    schedule: job.schedule !== null,
    input: active && job.options.stdin === 'pipe',
    attach: job.run !== null,
    log: job.run !== null,
    compare: job.runs.length > 1,
    problems: job.run !== null,
    browse: active && job.url !== null,
    inspect: active || job.leftovers.length > 0,
    remove: ended || status === 'held',
    rename: true,
    [job.pinned ? 'unpin' : 'pin']: true,
    [muted ? 'unmute' : 'mute']: true,
    notify: !ended && !wanted,
    dontNotify: wanted,
  };
  const isPossible = (flag: ItemFlag): boolean =>
    can[flag] === true && !(job.array && notForArrays.has(flag)) && !(job.task && notForTasks.has(flag));
  return ['job', ...(Object.keys(can) as ItemFlag[]).filter(isPossible)];
}

/** Jobs are called what this window knows them by. */
export function namesIn(model: Pick<JobModel, 'job'>): NameOf {
  return (id) => {
    const job = model.job(id);
    return job ? jobTitle(job) : shortId(id);
  };
}

/** @param fetch gets a job from the host, if there is one */
export async function relationsOf(
  job: Job,
  model: JobModel,
  fetch: (id: string) => Promise<Job> | undefined,
): Promise<Relations> {
  const holder = job.waitingFor?.type === 'mutex' ? job.waitingFor.jobId : null;
  const ids = [...job.dependsOn.map((dependency) => dependency.job), job.schedule, holder].filter((id) => id !== null);
  const unknown = ids.filter((id) => !model.job(id)).slice(0, namedJobs);
  const fetched = await Promise.all(unknown.map(async (id) => fetch(id)?.catch(() => undefined)));
  const jobs = [...ids.map((id) => model.job(id)), ...fetched].filter((one) => one !== undefined);
  return { known: new Map(jobs.map((one) => [one.id, one])), dependents: model.dependentsOf(job.id) };
}
