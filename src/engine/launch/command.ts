import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import which from 'which';
import type { StartOptions } from '../../api/options.ts';
import type { StartErrorCode } from '../../api/errors.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { isPosixShell, isPowerShell } from '../../store/taskSpec.ts';
import { interpreterProblem } from './scriptFile.ts';

/** Why a run could not start. */
export class StartFailure extends Error {
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The program and arguments of a run: the list as it was given, or the shell with the line.
 * @throws StartFailure when there is no such folder or program, or it may not be executed
 */
export function commandOf(
  spec: Omit<StartOptions, 'inheritEnv'>,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): string[] {
  checkFolder(spec.cwd);
  const argv = spec.argv ?? shellCommand(spec.command ?? '', spec.shell ?? defaultShell(env, platform), platform);
  checkProgram(argv[0] ?? '', spec.cwd, env, platform);
  return argv;
}

export function defaultShell(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  return platform === 'win32' ? (variable(env, 'ComSpec', platform) ?? 'cmd.exe') : env['SHELL'] || '/bin/sh';
}

function shellCommand(line: string, shell: string, platform: NodeJS.Platform): string[] {
  if (platform !== 'win32') return [shell, '-c', line];
  if (isPowerShell(shell)) return [shell, '-NoProfile', '-Command', line];
  if (isPosixShell(shell)) return [shell, '-c', line];
  return [shell, '/d', '/s', '/c', `"${line}"`];
}

/** @returns what is wrong; undefined when the folder exists */
export function missingFolder(cwd: string): string | undefined {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  return `The working directory ${cwd} does not exist. Create it or use another one.`;
}

function checkFolder(cwd: string): void {
  const missing = missingFolder(cwd);
  if (missing !== undefined) throw new StartFailure('cwd_not_found', missing);
  try {
    accessSync(cwd, constants.X_OK);
  } catch {
    throw new StartFailure('permission_denied', `The working directory ${cwd} cannot be entered: permission denied.`);
  }
}

/** Checked first because the shell could only exit with 126 or 127, as the program itself may do. */
function checkProgram(program: string, cwd: string, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): void {
  const hasFolder = platform === 'win32' ? /[\\/]/.test(program) : program.includes('/');
  const path = hasFolder && !isAbsolute(program) ? resolve(cwd, program) : program;
  const found = platform === 'win32' ? findOnWindows(path, env) : findOnPosix(path, hasFolder, cwd, env);
  const problem = found === undefined ? undefined : interpreterProblem(found, cwd);
  if (problem !== undefined) throw new StartFailure('command_not_found', `${program} cannot run. ${problem}`);
  if (found !== undefined) return;
  if (hasFolder && statSync(path, { throwIfNoEntry: false })) {
    throw new StartFailure('permission_denied', `${program} is not an executable file.`);
  }
  throw new StartFailure('command_not_found', `Command not found: ${program}`);
}

function findOnWindows(path: string, env: NodeJS.ProcessEnv): string | undefined {
  const [searched, pathExt] = ['PATH', 'PATHEXT'].map((name) => variable(env, name, 'win32'));
  return which.sync(path, { nothrow: true, path: searched ?? '', pathExt }) ?? undefined;
}

/**
 * Does what `which` does at a tenth of the cost: `which` throws an exception for each folder without the program and reads
 * the user's groups each time. Relative parts of the PATH count from the job's folder; an empty part is that folder.
 */
function findOnPosix(path: string, hasFolder: boolean, cwd: string, env: NodeJS.ProcessEnv): string | undefined {
  // Without a PATH each shell has a default of its own; these two are in all of them.
  const parts = (env['PATH'] ?? '/usr/bin:/bin').split(delimiter);
  return (hasFolder ? [path] : parts.map((part) => join(resolve(cwd, part), path))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * By lowering this process's own value for a moment: the program `nice` would only warn, on the job's stderr, and go on.
 * @throws StartFailure when the value is below this process's own, and the user may not go there
 */
export function checkNice(nice: number | undefined): void {
  if (nice === undefined) return;
  const own = getPriority();
  if (nice >= own) return;
  try {
    setPriority(nice);
  } catch {
    const text = `The nice value ${nice} is below ${own}, that of the job host, and this user may not lower it.`;
    throw new StartFailure('permission_denied', `${text} Give ${own} or more.`);
  }
  setPriority(own);
}

/** The words to put before a command so that the program and its descendants have the nice value. */
export function nicePrefix(nice: number | undefined): string[] {
  if (nice === undefined) return [];
  const own = getPriority();
  if (nice === own) return [];
  // NixOS has it elsewhere on the PATH.
  const program = ['/usr/bin/nice', '/bin/nice'].find((path) => existsSync(path)) ?? 'nice';
  return [program, '-n', String(nice - own)];
}

/** What belongs to the editor, to the host or to another run, and must not reach a job. */
const foreign = /^(ELECTRON_RUN_AS_NODE|VSCODE_.*|BGJOBS_(RUN_ID|JOB_ID|HOLDER|TASK|TASK_ITEM))$/;

/**
 * What a coding agent sets for its own children: its session, its sockets and their tokens. A job outlives the session, and
 * another agent in the job would take it for its own. What people set themselves (keys, models, proxies) is not in it.
 */
const ofAgents = new RegExp(
  `^(${[
    'CLAUDECODE|CLAUDE_(PID|EFFORT|ENV_FILE|PROJECT_DIR)|AI_AGENT|AGENT',
    'CLAUDE_CODE_(ENTRYPOINT|EXECPATH|SSE_PORT|TASK_LIST_ID|(SESSION|SESSIONS|CHILD|LAUNCHED|MESSAGING|HOST|STARTER)_.*)',
    'COPILOT_(AGENT_.*|CLI.*|RUN_APP|LOADER_.*)|GEMINI_CLI(_(SESSION_ID|PROMPT_ID|NO_RELAUNCH|IDE_.*|ACTIVITY_.*))?',
    'QWEN_CODE(_(CLI|SESSION_ID|PROMPT_ID|PROJECT_DIR|NO_RELAUNCH|LAUNCHER_.*|RELAUNCH_.*|STARTUP_.*|WARNINGS_FILE))?',
    'QWEN_CODE_(IDE_.*|SERVE.*|MANAGED_.*|MODEL_IDENTITY|EXTERNAL_TOOL_GUARD_TOKEN|PRIVATE_.*|MEMORY_PROJECT_SCOPE)',
    '(OPENCODE|KILO)(_(PID|RUN_ID|PROCESS_ROLE|CONSOLE_TOKEN|BACKGROUND_PROCESS_TOKEN|CLIENT|PURE))?',
    'KILOCODE_(FEATURE|VERSION)|KILO_TREE_SITTER_WASM_DIR',
    'CLINE_(RUN_AS_.*|HUB_.*|CONNECTOR_.*|WRAPPER_PATH|ACTIVE)',
  ].join('|')})$`,
);
/** Variables that people set too, and that are an agent's when it has also set the mark of its session. */
const besideMark: readonly [mark: string, names: RegExp][] = [
  ['COPILOT_AGENT_SESSION_ID', /^GIT_CONFIG_(COUNT|KEY_\d+|VALUE_\d+)$/],
  ['CLAUDECODE', /^(COREPACK_ENABLE_AUTO_PIN|NoDefaultCurrentDirectoryInExePath)$/i],
  ['QWEN_CODE_SESSION_ID', /^QWEN_CODE_MODEL$/],
];

/**
 * The environment of a run: the base without what is the editor's, the host's, an agent's or another run's own, the job's
 * additions and removals, and the marks by which its tree is found. Windows takes `Path` and `PATH` for the same.
 * @param base must not change between calls
 */
export function environmentOf(
  base: NodeJS.ProcessEnv,
  spec: Omit<StartOptions, 'inheritEnv'>,
  run: { runId: string; jobId: string },
  platform: NodeJS.Platform,
): NodeJS.ProcessEnv {
  const key = (name: string): string => (platform === 'win32' ? name.toUpperCase() : name);
  const changed = new Set(Object.keys(spec.env).map(key));
  const kept = withoutForeign(base, key).filter(([name]) => !changed.has(key(name)));
  if (spec.tty) for (const name of ['COLUMNS', 'LINES']) changed.add(name);
  const terminal = spec.tty ? { TERM: 'xterm-256color', COLORTERM: 'truecolor' } : {};
  const added = Object.entries(spec.env).filter(([, value]) => value !== null) as [string, string][];
  const marks = { BGJOBS_RUN_ID: run.runId, BGJOBS_JOB_ID: run.jobId, BGJOBS_SESSION: spec.session };
  return { ...Object.fromEntries(kept), ...terminal, ...Object.fromEntries(added), ...marks };
}

/** @throws StartFailure when a value is not known: the job must not run without it, or with another one */
export function checkSecrets(secrets: readonly string[], env: NodeJS.ProcessEnv): void {
  const missing = secrets.filter((name) => env[name] === undefined);
  if (missing.length === 0) return;
  const names = `${missing.length === 1 ? 'secret' : 'secrets'} ${missing.join(', ')}`;
  const why = 'The job host keeps values of secrets in memory only: until it is restarted, or the job has ended.';
  throw new StartFailure('secret_missing', `The ${names} has no value. ${why} Set it and restart the job.`);
}

/** Most runs have one of a few environments, and looking at each name takes a while. */
const ownVariables = new WeakMap<NodeJS.ProcessEnv, [string, string | undefined][]>();

function withoutForeign(base: NodeJS.ProcessEnv, key: (name: string) => string): [string, string | undefined][] {
  let own = ownVariables.get(base);
  if (!own) {
    const isForeign = (name: string): boolean =>
      foreign.test(name) || ofAgents.test(name) || besideMark.some(([mark, names]) => mark in base && names.test(name));
    own = Object.entries(base).filter(([name]) => !isForeign(key(name)));
    ownVariables.set(base, own);
  }
  return own;
}

/** A variable's value, under whichever spelling the platform takes for the same. */
function variable(env: NodeJS.ProcessEnv, name: string, platform: NodeJS.Platform): string | undefined {
  if (platform !== 'win32') return env[name];
  return Object.entries(env).find(([other]) => other.toUpperCase() === name.toUpperCase())?.[1];
}

interface Shared {
  env: NodeJS.ProcessEnv;
  text: string;
  jobs: number;
}

/**
 * The callers' environments of jobs that have not ended, for their next run: in memory alone, because they hold what
 * must not be stored. Most jobs come from few places, so those that are alike are held once.
 */
export class Environments {
  readonly byJob = new Map<string, Shared>();
  readonly #byText = new Map<string, Shared>();
  readonly #own = { ...process.env };

  keep(jobId: string, env: Record<string, string> | undefined): void {
    if (!env) return;
    const text = JSON.stringify(env);
    this.#give(jobId, this.#byText.get(text) ?? { env, text, jobs: 0 });
  }

  /** The second job gets that of the first. */
  share(jobId: string, otherId: string): void {
    const shared = this.byJob.get(jobId);
    if (shared) this.#give(otherId, shared);
  }

  /**
   * The caller's environment, for a task that of its array; after a restart of the host, the host's own. That has no values
   * of secrets: those of the caller may be others.
   */
  of({ id, task, spec }: Pick<JobRow, 'id' | 'task' | 'spec'>): NodeJS.ProcessEnv {
    const shared = this.byJob.get(id) ?? (task ? this.byJob.get(task.array) : undefined);
    if (shared || !spec.secrets) return shared?.env ?? this.#own;
    const isSecret = (name: string): boolean => spec.secrets?.includes(name) === true;
    return Object.fromEntries(Object.entries(this.#own).filter(([name]) => !isSecret(name)));
  }

  forget(jobId: string): void {
    const shared = this.byJob.get(jobId);
    if (!shared) return;
    this.byJob.delete(jobId);
    shared.jobs--;
    if (shared.jobs === 0) this.#byText.delete(shared.text);
  }

  #give(jobId: string, shared: Shared): void {
    shared.jobs++;
    this.#byText.set(shared.text, shared);
    this.forget(jobId);
    this.byJob.set(jobId, shared);
  }
}
