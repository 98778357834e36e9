import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import which from 'which';
import type { JobSpec } from '../../store/jobTable.ts';
import { StartFailure } from './runner.ts';

/**
 * The program and arguments of a run: the list as it was given, or the shell with the line.
 * @throws StartFailure when there is no such folder or program, or it may not be executed
 */
export function commandOf(spec: JobSpec, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  checkFolder(spec.cwd);
  const argv = spec.argv ?? shellCommand(spec.command ?? '', spec.shell ?? defaultShell(env, platform), platform);
  checkProgram(argv[0] ?? '', spec.cwd, env, platform);
  return argv;
}

/** The user's. */
export function defaultShell(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  return platform === 'win32' ? (variable(env, 'ComSpec', platform) ?? 'cmd.exe') : env['SHELL'] || '/bin/sh';
}

function shellCommand(line: string, shell: string, platform: NodeJS.Platform): string[] {
  if (platform !== 'win32') return [shell, '-c', line];
  if (/(powershell|pwsh)(\.exe)?$/i.test(shell)) return [shell, '-NoProfile', '-Command', line];
  if (/(bash|sh)(\.exe)?$/i.test(shell)) return [shell, '-c', line];
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
  if (platform === 'win32' ? isOnWindows(path, env) : isOnPosix(path, hasFolder, cwd, env)) return;
  if (hasFolder && statSync(path, { throwIfNoEntry: false })) {
    throw new StartFailure('permission_denied', `${program} is not an executable file.`);
  }
  throw new StartFailure('command_not_found', `Command not found: ${program}`);
}

function isOnWindows(path: string, env: NodeJS.ProcessEnv): boolean {
  const [searched, pathExt] = ['PATH', 'PATHEXT'].map((name) => variable(env, name, 'win32'));
  return which.sync(path, { nothrow: true, path: searched ?? '', pathExt }) !== null;
}

/**
 * Does what `which` does at a tenth of the cost: `which` throws an exception for each folder without the program and reads
 * the user's groups each time. Relative parts of the PATH count from the job's folder; an empty part is that folder.
 */
function isOnPosix(path: string, hasFolder: boolean, cwd: string, env: NodeJS.ProcessEnv): boolean {
  if (hasFolder) return isExecutable(path);
  // Without a PATH each shell has a default of its own; these two are in all of them.
  const parts = (env['PATH'] ?? '/usr/bin:/bin').split(delimiter);
  return parts.some((part) => isExecutable(join(resolve(cwd, part), path)));
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

/** Paths of `nice` on POSIX systems; NixOS has it elsewhere on the PATH. */
const known = ['/usr/bin/nice', '/bin/nice'];

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
  return [known.find((path) => existsSync(path)) ?? 'nice', '-n', String(nice - own)];
}

/** What belongs to the editor, to the host or to another run, and must not reach a job. */
const foreign = /^(ELECTRON_RUN_AS_NODE|VSCODE_.*|BGJOBS_(RUN_ID|JOB_ID|HOLDER))$/;

/**
 * The environment of a run: the base without what is the editor's, the host's or another run's own, the job's additions
 * and removals, and the marks by which its tree is found. Windows takes `Path` and `PATH` for the same.
 */
export function environmentOf(
  base: NodeJS.ProcessEnv,
  spec: JobSpec,
  run: { runId: string; jobId: string },
  platform: NodeJS.Platform,
): NodeJS.ProcessEnv {
  const key = (name: string): string => (platform === 'win32' ? name.toUpperCase() : name);
  const changed = new Set(Object.keys(spec.env).map(key));
  const kept = Object.entries(base).filter(([name]) => !foreign.test(key(name)) && !changed.has(key(name)));
  const added = Object.entries(spec.env).filter(([, value]) => value !== null) as [string, string][];
  const marks = { BGJOBS_RUN_ID: run.runId, BGJOBS_JOB_ID: run.jobId, BGJOBS_SESSION: spec.session };
  return { ...Object.fromEntries([...kept, ...added]), ...marks };
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
  readonly #byJob = new Map<string, Shared>();
  readonly #byText = new Map<string, Shared>();

  keep(jobId: string, env: Record<string, string> | undefined): void {
    if (!env) return;
    const text = JSON.stringify(env);
    this.#give(jobId, this.#byText.get(text) ?? { env, text, jobs: 0 });
  }

  /** The second job gets that of the first. */
  share(jobId: string, otherId: string): void {
    const shared = this.#byJob.get(jobId);
    if (shared) this.#give(otherId, shared);
  }

  /** The caller's environment; after a restart of the host, the host's own. */
  of(jobId: string): NodeJS.ProcessEnv {
    return this.#byJob.get(jobId)?.env ?? process.env;
  }

  has(jobId: string): boolean {
    return this.#byJob.has(jobId);
  }

  forget(jobId: string): void {
    const shared = this.#byJob.get(jobId);
    if (!shared) return;
    this.#byJob.delete(jobId);
    shared.jobs--;
    if (shared.jobs === 0) this.#byText.delete(shared.text);
  }

  #give(jobId: string, shared: Shared): void {
    shared.jobs++;
    this.#byText.set(shared.text, shared);
    this.forget(jobId);
    this.#byJob.set(jobId, shared);
  }
}
