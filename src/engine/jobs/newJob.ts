import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { DiskReserve } from '../../disk/diskReserve.ts';
import type { SettingsStore } from '../../store/settingsStore.ts';
import type { Verdict } from '../../agents/policy/judge.ts';
import { agentStart } from '../../agents/coding/commandLine.ts';
import { BgJobsError } from '../../api/errors.ts';
import { startRequest, type Dependency, type StartOptions, type StartRequest } from '../../api/options.ts';
import { validate } from '../../api/validate.ts';
import { isEnded } from '../../api/values.ts';
import type { JobRow, JobSpec } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import type { Orphans } from '../hooks/orphans.ts';
import { defaultShell, missingFolder, type Environments } from '../launch/command.ts';
import { terminalProblem } from '../launch/terminal.ts';
import type { Views } from '../queries/jobs.ts';
import { findJob } from '../queries/lookup.ts';
import { checkCron, isMissed } from '../queue/cron.ts';
import { findCircle } from '../queue/dependencies.ts';
import type { Scheduler } from '../queue/scheduler.ts';
import type { Runs } from '../runs/runs.ts';
import { storedSpecs } from './newArray.ts';
import { elsewhereProblem } from './elsewhere.ts';
import { readEnvFile } from '../../text/envFile.ts';

/** What the verbs that change jobs work with. */
export interface Parts {
  store: Store;
  disk: DiskReserve;
  settings: SettingsStore;
  scheduler: Scheduler;
  environments: Environments;
  runs: Runs;
  orphans: Orphans;
  views: Views;
  home: string;
  now: () => number;
  report: (error: unknown) => void;
}

/**
 * Checks a request before anything is stored: shapes, folder, files. The envFile is read now and becomes part
 * of `env`, so that the job does not change with the file.
 * @throws BgJobsError `invalid_request`, `cwd_not_found`
 */
export function checkStart(request: StartRequest): StartOptions {
  const { envFile, ...given } = validate(startRequest, request);
  const terminal = checkTerminal(given);
  const options = { ...given, ...terminal, ...(given.codingAgent && agentStart(given.codingAgent, randomUUID())) };
  const { at, cron, stdin } = options;
  checkFolder(options.cwd);
  const problem = elsewhereProblem(options);
  if (problem !== undefined) throw invalid(problem);
  checkLineEnds(options);
  if (cron !== undefined) checkCron(cron, options.timeZone, Date.now());
  checkDelays(request, options);
  if (options.whenFull === 'pause' && process.platform === 'win32') {
    throw invalid('whenFull: this system cannot pause processes. Use drop or end.');
  }
  if (at !== undefined && isMissed(Date.parse(at), Date.now())) {
    throw invalid(`at: ${at} is in the past. Give a time in the future, or omit it.`);
  }
  const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  if (stdin.type === 'file' && !(isAbsolute(stdin.path) && isFile(stdin.path))) {
    throw invalid(`stdin: ${stdin.path} must be the absolute path of a file that exists`);
  }
  if (envFile !== undefined) {
    options.env = { ...readEnvFile(envFile, options.env, options.inheritEnv ?? process.env), ...options.env };
  }
  for (const name of options.secrets ?? []) checkSecret(name, options);
  return { ...options, ...(at !== undefined && { at: new Date(at).toISOString() }) };
}

/** @returns what follows from it for other options */
function checkTerminal({ tty, codingAgent, stdin }: StartOptions): Partial<StartOptions> {
  if (!tty) return {};
  const problem = terminalProblem();
  if (problem !== undefined) throw invalid(`tty: ${problem} Start the job without tty.`);
  if (codingAgent) throw invalid('tty: the events of a coding agent are read from its output. Give one of the two.');
  if (stdin.type === 'text' || stdin.type === 'file') {
    throw invalid('stdin: a job with tty reads what is typed. Omit stdin and send the text as input.');
  }
  return { capture: 'merged', stdin: { type: 'pipe' } };
}

function checkSecret(name: string, { env, inheritEnv = {} }: StartOptions): void {
  if (name in env)
    throw invalid(`secrets: ${name} is given in env or envFile, too, whose values are stored. Give it once.`);
  if (inheritEnv[name] === undefined) throw invalid(`secrets: ${name} is not set where the job was started from`);
}

function invalid(text: string, details?: BgJobsError['details']): BgJobsError {
  return new BgJobsError('invalid_request', text, details);
}

/** A delay that would be cut to its maximum is not what was requested. */
function checkDelays(request: StartRequest, options: StartOptions): void {
  for (const name of ['retry', 'restart'] as const) {
    const [delayMs = 0, maxDelayMs = 0] = [request[name]?.delayMs, options[name]?.maxDelayMs];
    if (delayMs <= maxDelayMs) continue;
    const problem = `${name}: delayMs ${delayMs} is more than maxDelayMs ${maxDelayMs}.`;
    throw invalid(`${problem} Give a maxDelayMs that is at least as long.`);
  }
}

/** POSIX shells take the CR of a line end from Windows for a part of the last word. */
export function checkLineEnds({ command = '', shell = '' }: Pick<StartOptions, 'command' | 'shell'>): void {
  if (process.platform === 'win32' || shell.endsWith('pwsh')) return;
  if (!/\r(?:\n|$)/.test(command) || /(?:^|[^\r])\n/.test(command)) return;
  throw invalid('command: its lines end with CRLF, which shells do not understand. Give it with LF.');
}

/** @throws BgJobsError `invalid_request`, `cwd_not_found` */
export function checkFolder(cwd: string): void {
  if (!isAbsolute(cwd)) throw invalid(`cwd: "${cwd}" must be an absolute path`);
  const missing = missingFolder(cwd);
  if (missing !== undefined) throw new BgJobsError('cwd_not_found', missing, { cwd });
}

/**
 * The dependencies with whole ids, each checked: it must be there, be able to come true, and lead to no circle.
 * @param asked the job they are of, when it is there already
 * @throws BgJobsError `invalid_request`
 */
export function resolveDependencies(store: Store, dependencies: readonly Dependency[], asked?: string): Dependency[] {
  const resolved = dependencies.map(({ job: id, condition }) => ({ job: resolve(store, id, condition), condition }));
  if (asked !== undefined) checkCircle(store, asked, resolved);
  return resolved;
}

/** @throws BgJobsError `invalid_request` when the job would wait for itself */
export function checkCircle(store: Store, jobId: string, dependsOn: readonly Dependency[]): void {
  // Of those that run as well: they may be tried again, or put back.
  const needsOf = (id: string): string[] => {
    const [job] = store.read([store.jobs.byId(id)]);
    return job && !isEnded(job.status) ? namesOf(job.spec.dependsOn) : [];
  };
  const cycle = findCircle(jobId, namesOf(dependsOn), needsOf);
  if (!cycle) return;
  const way = cycle.map((id) => id.slice(0, 8)).join(' → ');
  throw invalid(`dependsOn: the jobs would wait for each other: ${way}.`, { cycle });
}

function namesOf(dependsOn: readonly Dependency[]): string[] {
  return dependsOn.map(({ job }) => job);
}

function resolve(store: Store, id: string, condition: Dependency['condition']): string {
  const job = find(store, id);
  const name = `job ${job.id.slice(0, 8)}`;
  if (job.spec.cron !== undefined) {
    throw invalid(`dependsOn: ${name} is a schedule, which never ends. Name a job that it made.`);
  }
  if (condition === 'ready' && !job.spec.readyWhen) {
    throw invalid(`dependsOn: ${name} has no readyWhen, so it is unknown when it is ready.`);
  }
  return job.id;
}

function find(store: Store, id: string): JobRow {
  try {
    return findJob(store, id);
  } catch (error) {
    if (!(error instanceof BgJobsError)) throw error;
    throw invalid(`dependsOn: ${error.message}`, error.details);
  }
}

/** Maximum number of characters of a command that a refusal quotes. */
const quotedLength = 200;

/**
 * Refuses what the user's deny list forbids agents to run.
 * @param specs of a job, or of the tasks of an array
 * @param inheritEnv the environment that the run builds on: it names the user's shell
 * @throws BgJobsError `policy_denied`, details `{pattern, part}`
 */
export async function checkPolicy(
  { current: { agentDeny: deny } }: SettingsStore,
  specs: AsyncIterable<JobSpec>,
  inheritEnv: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  if (deny.length === 0) return;
  // Loaded on first use: a host without agents does not need its parser.
  const { judge } = await import('../../agents/policy/judge.ts');
  for await (const { command, argv, shell, env } of specs) {
    const inherited = { ...inheritEnv, ...(env['SHELL'] && { SHELL: env['SHELL'] }) };
    const what = { command, argv, shell: shell ?? defaultShell(inherited, process.platform) };
    refuseDenied(judge(what, { allow: [], deny }));
  }
}

function refuseDenied(judged: Verdict): void {
  const { verdict, pattern = null, part = null, problem } = judged;
  if (verdict !== 'deny') return;
  const quoted = part !== null && part.length > quotedLength ? `${part.slice(0, quotedLength)}...` : part;
  const text =
    problem === undefined
      ? `The user does not allow agents to run "${quoted}": it matches the pattern "${pattern}" in the deny list. Ask the user.`
      : `Agents cannot start jobs until the user corrects the deny list. ${problem}`;
  throw new BgJobsError('policy_denied', text, { pattern, part: quoted });
}

/**
 * For jobs that an agent kills and puts back into the queue, which is a restart, or whose dependencies it removes, which
 * is a start.
 * @throws BgJobsError `policy_denied`
 */
export async function checkPolicyAgain(
  { settings, store }: Pick<Parts, 'settings' | 'store'>,
  jobs: readonly JobRow[],
): Promise<void> {
  for (const job of jobs) if (!isEnded(job.status)) await checkPolicy(settings, storedSpecs(store, job));
}
