import type { Job, Run } from '../api/job.ts';
import type { StartRequest } from '../api/options.ts';
import { isEnded, type JobStatus } from '../api/values.ts';
import { agentResultText, spentText } from './agentEvent.ts';
import type { AgentOutcome } from './agentOutcome.ts';
import { endText } from './endText.ts';
import { bytes, jobTitle, joined, oneLine, shorten, type Translate } from './grammar.ts';
import { duration, elapsed } from './timeText.ts';
import { dependsOnText, stateText, statusName, type Wording } from './stateText.ts';

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
  readonly relations?: Relations | undefined;
  /** Of a coding agent. */
  readonly outcome?: AgentOutcome | undefined;
  /** How many runs are described: the last ones. */
  readonly runs?: number;
}
type Row = [label: string, text: string];

/** Everything about a job below its name and command, as labels and texts. What is not known or not set is left out. */
export function statusPage(
  job: Job,
  wording: Wording,
  { relations, outcome, runs = Infinity }: PageOptions = {},
): Row[] {
  const { t, past } = wording;
  const optional = (time: string | null): string => (time === null ? '' : past(time));
  const logs = job.runs.at(-1)?.logs;
  const rows: Row[] = [
    [t('Status'), stateText(job, wording)],
    ...aboutRows(job, wording, { relations, outcome }),
    [t('Folder'), job.cwd],
    [t('Session'), job.session],
    [t('Created'), past(job.createdAt)],
    [t('Started'), optional(job.startedAt)],
    [t('Finished'), optional(job.finishedAt)],
    ...optionRows(job, t),
    ...runRows(job, wording, runs),
    [t('Output log'), logs?.stdout ?? ''],
    [t('Error log'), logs?.stderr ?? ''],
    [t('ID'), job.id],
  ];
  return shown(rows);
}

/** What a job does and what it has to do with others, without what its row or its status says. */
export function aboutRows(job: Job, wording: Wording, { relations, outcome }: PageOptions): Row[] {
  const { t } = wording;
  const tags = Object.entries(job.tags);
  return shown([
    [t('Progress'), shorten(job.progress?.text.replace(/\s+/g, ' ') ?? '', 120)],
    [t('Expected end'), job.expectedEnd ? wording.future(job.expectedEnd) : ''],
    ...taskRows(job, wording),
    ...agentRows(job, wording, outcome),
    ...dependencyRows(job, wording, relations),
    ['Slurm', job.remote ? remoteText(job.remote, wording) : ''],
    [t('Ready'), job.ready === null ? '' : joined(job.ready ? t('yes') : t('no'), job.readyText ?? '')],
    [t('URL'), job.url ?? ''],
    [t('Tags'), tags.map(([key, value]) => `${key}=${value}`).join(' ')],
    ...job.leftovers.map(({ pid, command }): Row => [t('Remains'), `${pid} ${shorten(command, 200)}`]),
  ]);
}

/** For example `4711 RUNNING, n1, main`: in the words of Slurm. */
function remoteText(
  { id, state, node, partition, silentSince }: NonNullable<Job['remote']>,
  { t, past }: Wording,
): string {
  return joined(
    `${id ?? ''} ${state ?? ''}`.trim(),
    node ?? '',
    partition ?? '',
    silentSince === null ? '' : t('the controller has not answered since {0}', past(silentSince)),
  );
}

function shown(rows: Row[]): Row[] {
  return rows.filter(([, text]) => text !== '').map(([label, text]) => [label, oneLine(text)]);
}

/** Of an array, and of a task. */
function taskRows({ array, task }: Job, wording: Wording): Row[] {
  const { t } = wording;
  const counts = Object.entries(array?.byStatus ?? {}) as [JobStatus, number][];
  return [
    [t('Tasks'), joined(...counts.map(([status, count]) => `${count} ${statusName(status, wording)}`))],
    [t('Task numbers'), array?.numbers ?? ''],
    [t('Tasks at a time'), array?.maxRunning?.toString() ?? ''],
    [t('Array'), task ? wording.nameOf(task.array) : ''],
    [t('Item'), task?.item ?? ''],
  ];
}

function agentRows({ codingAgent }: Job, { t }: Wording, outcome?: AgentOutcome): Row[] {
  if (!codingAgent) return [];
  const { name, model, continues } = codingAgent;
  const { result, session } = outcome ?? {};
  return [
    [t('Coding agent'), joined(name, model ?? '', continues === null ? '' : t('continues {0}', continues.slice(0, 8)))],
    [t('Result'), result ? agentResultText(result) : ''],
    [t('Spent in the session'), session ? spentText(session) : ''],
    [t('Answer'), result?.status === 'completed' ? shorten(result.text, 500) : ''],
  ];
}

/** What comes before a job, what waits for it, and what a schedule creates. */
function dependencyRows(job: Job, wording: Wording, relations?: Relations): Row[] {
  const { t, nameOf } = wording;
  const { known, dependents = [], created = [] } = relations ?? {};
  return [
    [t('Depends on'), dependsOnText(job, wording, known)],
    [t('Jobs that wait for it'), dependents.map(jobTitle).join(', ')],
    [t('Created by the schedule'), job.schedule === null ? '' : nameOf(job.schedule)],
    [t('Schedule'), scheduleText(job.options)],
    ...created.map((one): Row => [
      t('Created job'),
      `${one.shortId} ${wording.past(one.createdAt)}, ${stateText(one, wording)}`,
    ]),
  ];
}

function runRows({ runs }: Job, wording: Wording, shown: number): Row[] {
  const others = runs.length - shown;
  return [
    [wording.t('Earlier runs'), others > 0 && shown > 1 ? String(others) : ''],
    ...runs.slice(-shown).map((run): Row => [wording.t('Run {0}', run.number), runText(run, wording)]),
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

/** What a start asked for that is not the default, as labels and texts. Fields that are empty were not set. */
function optionRows({ options, priority, pinned, dependsOn }: Job, t: Translate): Row[] {
  const { at, cron, limits, stdin } = options;
  return [
    [t('Priority'), priority === 5 ? '' : String(priority)],
    [t('Pinned'), pinned ? t('yes') : ''],
    [t('Shell'), options.shell ?? ''],
    [t('Environment'), options.env.join(', ')],
    [t('Secrets'), options.secrets.join(', ')],
    [t('Environment from'), options.inheritEnvFrom === 'caller' ? '' : t('the login shell')],
    [t('Input'), stdin === 'none' ? '' : stdin],
    [t('Time limit'), options.timeoutMs === null ? '' : duration(options.timeoutMs)],
    [t('Time limit without output'), options.idleTimeoutMs === null ? '' : duration(options.idleTimeoutMs)],
    [t('Memory limit'), limits.memoryBytes === undefined ? '' : bytes(limits.memoryBytes)],
    [t('Nice value'), limits.nice?.toString() ?? ''],
    [t('Start time'), at ?? ''],
    [t('Start delay'), options.delayMs === null ? '' : duration(options.delayMs)],
    [t('If missed'), (at ?? cron ?? options.delayMs) !== null && options.ifMissed === 'skip' ? t('skip') : ''],
    [t('If the previous job still runs'), cron === null || options.ifOverlap === 'skip' ? '' : options.ifOverlap],
    [t('If a dependency fails'), dependsOn.length > 0 && options.ifDependencyFails === 'wait' ? t('keep waiting') : ''],
    [t('After a reboot'), options.afterReboot === 'restart' ? t('run again') : ''],
    [t('Mutex'), options.mutex ?? ''],
    [t('Retry'), options.retry ? retryText(options.retry, t) : ''],
    [t('Restart'), options.restart ? restartText(options.restart, t) : ''],
    [t('Output streams'), options.capture === 'merged' ? t('merged into one log') : ''],
    [t('When a log is full'), whenFullText(options.whenFull, t)],
    [t('Remaining processes'), options.leftovers === 'kill' ? t('stopped when the main process exits') : ''],
    [t('Idempotency key'), options.idempotencyKey ?? ''],
    [t('Started by'), options.actor === 'user' ? '' : t('an agent')],
  ];
}

export function scheduleText({ cron, timeZone }: { cron: string | null; timeZone: string | null }): string {
  return cron === null ? '' : `${cron}${timeZone === null ? '' : ` (${timeZone})`}`;
}

/** As a job has them, or as a start asks for them: what it leaves out has its default. */
type Retry = NonNullable<StartRequest['retry']>;
type Restart = NonNullable<StartRequest['restart']>;

/** For example `up to 5 attempts on exit code 75, delay 10s × 2` */
export function retryText({ maxAttempts, exitCodes, ...backoff }: Retry, t: Translate): string {
  const attempts = t('up to {0} attempts', maxAttempts);
  const codes = exitCodes ? t('on exit code {0}', exitCodes.join(', ')) : '';
  return joined(codes === '' ? attempts : `${attempts} ${codes}`, delayText(backoff, t));
}

/** For example `on failure, up to 5 times in 1m, delay 1s × 2` */
export function restartText({ policy, maxRestarts = 5, windowMs = 60_000, ...backoff }: Restart, t: Translate): string {
  if (policy === 'never') return t('never');
  return joined(
    policy === 'always' ? t('whenever it ends') : t('on failure'),
    t('up to {0} times in {1}', maxRestarts, duration(windowMs)),
    delayText(backoff, t),
  );
}

function delayText({ delayMs, backoffFactor = 1 }: Omit<Retry, 'maxAttempts'>, t: Translate): string {
  if (delayMs === undefined) return '';
  const delay = t('delay {0}', duration(delayMs));
  return backoffFactor === 1 ? delay : `${delay} × ${backoffFactor}`;
}

function whenFullText(whenFull: Job['options']['whenFull'], t: Translate): string {
  if (whenFull === 'drop') return '';
  return whenFull === 'pause' ? t('pause') : t('stop the job');
}
