import type { Job } from '../../api/job.ts';
import { isActive, isEnded, isWaiting, type JobStatus } from '../../api/values.ts';
import type { AgentOutcome } from '../../text/agentOutcome.ts';
import { endText, exitText, gaveUpText, remainingText, statusText, tasksText } from '../../text/endText.ts';
import { commandText, jobTitle, shorten, type Translate } from '../../text/grammar.ts';
import { statusPage, type Relations } from '../../text/statusPage.ts';
import { coarseElapsed, duration, isSoon } from '../../text/timeText.ts';
import {
  attemptOf,
  editorWording,
  namedJobs,
  progressText,
  readyText,
  shortId,
  waitingText,
  type NameOf,
  type Wording,
} from '../../text/stateText.ts';
import type { ItemFlag } from '../base/ids.ts';
import { codeBlock, escapeMarkdown } from '../base/readableText.ts';
import { hasPlace } from '../model/groups.ts';
import type { JobModel } from '../model/jobModel.ts';

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
  const time = job.startedAt === null ? '' : coarseElapsed(now - Date.parse(job.startedAt));
  switch (job.status) {
    case 'scheduled':
    case 'pending':
      return [waitingText(job, wording) || statusText(job.status, t)];
    case 'running':
      return [readyText({ ready: job.ready }, t), progressText(job, wording), time];
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

/** What an array has no process for, or what its tasks have together. */
const notForArrays = new Set<ItemFlag>(['pause', 'resume', 'rerun', 'input', 'log', 'inspect']);
const notForTasks = new Set<ItemFlag>(['rerun', 'hold', 'move', 'priority', 'dependencies', 'remove', 'pin', 'mute']);

/** What can be done with a job in its state. The menus of the tree and the pickers of the palette use it. */
export function jobFlags(job: Job, muted: boolean): ItemFlag[] {
  const { status } = job;
  const active = isActive(status);
  const ended = isEnded(status);
  const waits = status === 'pending' || status === 'scheduled';
  const can: Partial<Record<ItemFlag, boolean>> = {
    kill: active || waits || job.leftovers.length > 0,
    signal: active,
    pause: status === 'running',
    resume: status === 'paused',
    restart: active || ended,
    restartFailed: (job.array?.ended ?? 0) > (job.array?.byStatus.completed ?? 0),
    rerun: job.codingAgent === null && job.options.cron === null,
    continue: ended && job.codingAgent !== null,
    hold: waits,
    release: status === 'held',
    startNow: status === 'scheduled',
    move: hasPlace(job),
    priority: isWaiting(status),
    dependencies: isWaiting(status),
    schedule: job.schedule !== null,
    input: active && job.options.stdin === 'pipe',
    log: job.run !== null,
    browse: active && job.url !== null,
    inspect: active || job.leftovers.length > 0,
    remove: ended || status === 'held',
    [job.pinned ? 'unpin' : 'pin']: true,
    [muted ? 'unmute' : 'mute']: true,
  };
  const isPossible = (flag: ItemFlag): boolean =>
    can[flag] === true && !(job.array && notForArrays.has(flag)) && !(job.task && notForTasks.has(flag));
  return ['job', ...(Object.keys(can) as ItemFlag[]).filter(isPossible)];
}

/**
 * Everything about a job, as Markdown in which none of the job's own text is taken for Markdown.
 * @param outcome of a coding agent
 */
export function jobTooltip(
  job: Job,
  now: number,
  t: Translate,
  relations: Relations = { known: new Map() },
  outcome?: AgentOutcome,
): string {
  const nameOf = namesIn({ job: (id) => relations.known.get(id) ?? undefined });
  const rows = statusPage(job, editorWording(t, now, nameOf), { relations, outcome, runs: 1 });
  return [
    `**${escapeMarkdown(jobTitle(job))}**`,
    codeBlock(shorten(commandText(job), 2000)),
    rows.map(([label, text]) => `${escapeMarkdown(label)}: ${escapeMarkdown(text)}`).join('  \n'),
  ].join('\n\n');
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
