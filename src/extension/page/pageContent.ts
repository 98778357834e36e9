import type { Inspection } from '../../api/inspection.ts';
import type { Job, Run } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { endText, exitText, statusText, tasksText, wholeEndText } from '../../text/endText.ts';
import { bytes, capitalized, commandText, jobTitle, joined } from '../../text/grammar.ts';
import {
  attemptOf,
  conditionText,
  editorWording,
  progressText,
  readyText,
  shortId,
  waitingText,
  type Wording,
} from '../../text/stateText.ts';
import { type Relations, statusPage } from '../../text/statusPage.ts';
import { coarseElapsed, duration, elapsed } from '../../text/timeText.ts';
import type { PageAction, PageContent, PageUsage, PageWords, RelatedJob, RunRow } from '../../webview/pageMessages.ts';
import type { CommandName, ItemFlag } from '../base/ids.ts';
import { number, t } from '../base/l10n.ts';
import { jobFlags } from '../view/jobItem.ts';

/** CPU in percent of one core, memory in bytes; null: not known. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly cpu: number | null;
  readonly memory: number | null;
}

export interface PageParts {
  readonly relations: Relations;
  readonly output: string;
  readonly inspection: Inspection | undefined;
  /** From the oldest to the newest. */
  readonly samples: readonly Sample[];
}

/** @param now milliseconds since the epoch */
export function pageContent(job: Job, parts: PageParts, now: number): PageContent {
  const wording = editorWording(t, now, (id) => nameOf(id, parts.relations));
  const ended = isEnded(job.status);
  return {
    jobId: job.id,
    title: jobTitle(job),
    command: commandText(job),
    status: job.status,
    state: capitalized(ended ? wholeEndText(job, t) : joined(statusText(job.status, t), readyText(job, t))),
    more: ended ? tasksText(job, t) : moreText(job, wording),
    actions: actionsOf(job),
    details: detailRows(job, wording),
    runs: job.runs.map((run) => runRow(run, now)).reverse(),
    before: jobsBefore(job, parts.relations),
    after: (parts.relations.dependents ?? []).map((other) => related(other.id, statusText(other.status, t), parts)),
    usage: parts.inspection ? usageOf(parts.inspection, parts) : null,
    output: parts.output,
    words: pageWords(),
  };
}

/** Of a job that cannot be shown: why, and what was shown before stays away. */
export function emptyContent(jobId: string, title: string, state: string): PageContent {
  return {
    ...{ jobId, title, command: '', status: '', state, more: '', actions: [], details: [], runs: [] },
    ...{ before: [], after: [], usage: null, output: '', words: pageWords() },
  };
}

function moreText(job: Job, wording: Wording): string {
  const lasted = elapsed(job, wording.now);
  return capitalized(
    joined(
      waitingText(job, wording),
      lasted === null ? '' : t('started {0} ago', coarseElapsed(lasted)),
      job.pid === null ? '' : t('pid {0}', job.pid),
      attemptOf(job, t),
      progressText(job, wording),
      tasksText(job, t),
    ),
  );
}

/** What is possible in the state of the job. */
function actionsOf(job: Job): PageAction[] {
  const flags = jobFlags(job, false);
  const all: [name: CommandName, flag: ItemFlag, label: string][] = [
    ['kill', 'kill', t('Stop')],
    ['cancel', 'cancel', t('Cancel Job')],
    ['restart', 'restart', t('Restart')],
    ['showOutput', 'job', t('Show Output')],
    ['openLog', 'log', t('Open Logs')],
    ['copyId', 'job', t('Copy ID')],
  ];
  return all.filter(([, flag]) => flags.includes(flag)).map(([name, , label]) => ({ name, label }));
}

/** Runs, dependencies and the state have their own places. */
function detailRows(job: Job, wording: Wording): [string, string][] {
  const rows = statusPage({ ...job, runs: [], dependsOn: [], schedule: null }, wording).slice(1);
  const own: [string, string][] = [
    [t('Duration'), job.durationMs === null ? '' : duration(job.durationMs)],
    [t('Exit code'), job.exitCode === null ? '' : String(job.exitCode)],
    [t('Signal'), job.signal ?? ''],
  ];
  const at = rows.findIndex(([label]) => label === t('Created'));
  return [...rows.slice(0, at), ...own.filter(([, text]) => text !== ''), ...rows.slice(at)];
}

function runRow(run: Run, now: number): RunRow {
  const lasted = elapsed(run, now);
  const how = isEnded(run.status) ? endText({ ...run, durationMs: null }, t) : statusText(run.status, t);
  const exit = run.status === 'completed' ? exitText(run, t) : '';
  return {
    number: run.number,
    label: t('Run {0}', run.number),
    state: capitalized(joined(how, exit)),
    duration: lasted === null ? '' : isEnded(run.status) ? duration(lasted) : coarseElapsed(lasted),
  };
}

function jobsBefore(job: Job, relations: Relations): RelatedJob[] {
  const others = job.dependsOn.map(({ job: id, condition }) => {
    const known = relations.known.get(id);
    return related(id, joined(conditionText(condition, t), known ? statusText(known.status, t) : ''), { relations });
  });
  const schedule = job.schedule === null ? [] : [related(job.schedule, t('Schedule'), { relations })];
  const array = job.task === null ? [] : [related(job.task.array, t('Array'), { relations })];
  return [...others, ...schedule, ...array];
}

function related(id: string, note: string, { relations }: Pick<PageParts, 'relations'>): RelatedJob {
  return { id, name: nameOf(id, relations), note };
}

function nameOf(id: string, { known, dependents = [] }: Relations): string {
  const job = known.get(id) ?? dependents.find((one) => one.id === id);
  return job ? jobTitle(job) : shortId(id);
}

function usageOf({ processes, leftovers, totals }: Inspection, { samples }: PageParts): PageUsage {
  const time = duration((samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0));
  const chart = (label: string, field: 'cpu' | 'memory', textOf: (value: number) => string) => {
    const values = samples.map((sample) => sample[field] ?? 0);
    const text = textOf(totals[field] ?? 0);
    const highest = textOf(Math.max(0, ...values));
    return { label, text, values, description: t('{0}: {1}, at most {2} in the last {3}', label, text, highest, time) };
  };
  return {
    charts: [chart(t('CPU'), 'cpu', percent), chart(t('Memory'), 'memory', bytes)],
    processes: [...processes, ...leftovers].map(({ pid, command, cpu, memory }) => ({
      pid,
      command,
      cpu: cpu === null ? '' : percent(cpu),
      memory: memory === null ? '' : bytes(memory),
    })),
  };
}

function percent(value: number): string {
  return `${number(Math.round(value * 10) / 10)}%`;
}

function pageWords(): PageWords {
  return {
    actions: t('Actions'),
    details: t('Details'),
    runs: t('Runs'),
    run: t('Run'),
    state: t('State'),
    duration: t('Duration'),
    before: t('Depends on'),
    after: t('Jobs that wait for it'),
    processes: t('Processes'),
    pid: t('PID'),
    command: t('Command'),
    cpu: t('CPU'),
    memory: t('Memory'),
    output: t('End of the Output'),
    noOutput: t('No output yet.'),
  };
}
