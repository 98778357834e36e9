import type { AgentEvent } from '../api/codingAgent.ts';
import type { Job, Run } from '../api/job.ts';
import { isEnded } from '../api/values.ts';
import { agentResultText } from './agentEvent.ts';
import { endText } from './endText.ts';
import { bytes, jobTitle, joined, oneLine, shorten } from './grammar.ts';
import { optionRows, scheduleText } from './startText.ts';
import { duration, elapsed } from './timeText.ts';
import { dependsOnText, stateText } from './waitingText.ts';
import type { Wording } from './wording.ts';

/** The other jobs that a job has to do with, as far as they are known. */
export interface Relations {
  /** By id; null: removed. */
  readonly known: ReadonlyMap<string, Job | null>;
  /** Those that wait for it. */
  readonly dependents?: readonly Job[];
  /** Those that a schedule has created last, newest first. */
  readonly created?: readonly Job[];
}

export interface PageOptions {
  readonly relations?: Relations;
  /** Of a coding agent. */
  readonly result?: AgentEvent | undefined;
  /** How many runs are described: the last ones. */
  readonly runs?: number;
}

/** Everything about a job below its name and command, as labels and texts. What is not known or not set is left out. */
export function statusPage(job: Job, wording: Wording, options: PageOptions = {}): [label: string, text: string][] {
  const { t, past } = wording;
  const { relations, result, runs = Infinity } = options;
  const optional = (time: string | null): string => (time === null ? '' : past(time));
  const rows: [string, string][] = [
    [t('Status'), stateText(job, wording)],
    ...agentRows(job, wording, result),
    ...dependencyRows(job, wording, relations),
    [t('Ready'), job.ready === null ? '' : joined(job.ready ? t('yes') : t('no'), job.readyText ?? '')],
    [t('URL'), job.url ?? ''],
    [t('Folder'), job.cwd],
    [t('Session'), job.session],
    [
      t('Tags'),
      Object.entries(job.tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ],
    [t('Created'), past(job.createdAt)],
    [t('Started'), optional(job.startedAt)],
    [t('Finished'), optional(job.finishedAt)],
    ...optionRows(job, t),
    ...job.leftovers.map(({ pid, command }): [string, string] => [t('Remains'), `${pid} ${shorten(command, 200)}`]),
    ...runRows(job, wording, runs),
    [t('Log'), job.runs.at(-1)?.logs.stdout ?? ''],
    [t('Log of stderr'), job.runs.at(-1)?.logs.stderr ?? ''],
    [t('ID'), job.id],
  ];
  return rows.filter(([, text]) => text !== '').map(([label, text]) => [label, oneLine(text)]);
}

function agentRows({ codingAgent }: Job, { t }: Wording, result?: AgentEvent): [string, string][] {
  if (!codingAgent) return [];
  const { name, model, continues } = codingAgent;
  return [
    [t('Coding agent'), joined(name, model ?? '', continues === null ? '' : t('continues {0}', continues.slice(0, 8)))],
    [t('Result'), result ? agentResultText(result) : ''],
    [t('Answer'), result?.status === 'completed' ? shorten(result.text, 500) : ''],
  ];
}

/** What comes before a job, what waits for it, and what a schedule creates. */
function dependencyRows(job: Job, wording: Wording, relations?: Relations): [string, string][] {
  const { t, nameOf } = wording;
  const { known, dependents = [], created = [] } = relations ?? {};
  return [
    [t('Depends on'), dependsOnText(job, wording, known)],
    [t('Jobs that wait for it'), dependents.map(jobTitle).join(', ')],
    [t('Created by the schedule'), job.schedule === null ? '' : nameOf(job.schedule)],
    [t('Schedule'), scheduleText(job.options)],
    ...created.map((one): [string, string] => [
      t('Created job'),
      `${one.shortId} ${wording.past(one.createdAt)}, ${stateText(one, wording)}`,
    ]),
  ];
}

function runRows({ runs }: Job, wording: Wording, shown: number): [string, string][] {
  const others = runs.length - shown;
  const more: [string, string][] = others > 0 && shown > 1 ? [[wording.t('Earlier runs'), String(others)]] : [];
  return [
    ...more,
    ...runs.slice(-shown).map((run): [string, string] => [wording.t('Run {0}', run.number), runText(run, wording)]),
  ];
}

/** How a run ended, how long it took and how much it wrote. */
function runText(run: Run, { t, now }: Wording): string {
  const lasted = elapsed(run, now);
  return joined(
    isEnded(run.status) ? endText(run, t) : lasted === null ? '' : duration(lasted),
    t('{0} stdout', bytes(run.stdoutBytes)),
    run.logs.stderr === null ? '' : t('{0} stderr', bytes(run.stderrBytes)),
    run.droppedBytes === 0 ? '' : t('{0} dropped by the log limit', bytes(run.droppedBytes)),
    run.maxMemoryBytes === null ? '' : t('peak memory {0}', bytes(run.maxMemoryBytes)),
  );
}
