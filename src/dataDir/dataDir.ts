import { homedir, userInfo } from 'node:os';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { replaceFile } from '../disk/replaceFile.ts';

/**
 * The data directory, which holds everything about a user's jobs, and the files in it that the host and its clients
 * share. The room `dataDir` knows files and reads no store; it may import `api`, `disk` and `text`.
 */
export interface HomeFiles {
  readonly home: string;
  /** The store. */
  readonly database: string;
  /** How to reach the running host: see {@link HostRecord}. */
  readonly record: string;
  /** Locked by the running host, with a lock of the operating system. */
  readonly lock: string;
  readonly log: string;
  /** Output of host processes, above all why one could not start. */
  readonly output: string;
}

/**
 * @param env `BGJOBS_HOME` overrides the directory; a relative path is resolved against the working directory
 * @returns an absolute path, which need not exist
 */
export function resolveHome(env: NodeJS.ProcessEnv): string {
  return env['BGJOBS_HOME'] ? resolve(env['BGJOBS_HOME']) : userData(env, 'background-jobs');
}

/**
 * Where the system keeps the data of a user's programs. A relative folder in the environment is ignored, as the XDG
 * specification says: it would be another one for each process.
 */
function userData(env: NodeJS.ProcessEnv, name: string): string {
  const home = isAbsolute(homedir()) ? homedir() : userInfo().homedir;
  const absolute = (variable: string): string | undefined =>
    isAbsolute(env[variable] ?? '') ? env[variable] : undefined;
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', name);
  if (process.platform !== 'win32') return join(absolute('XDG_DATA_HOME') ?? join(home, '.local', 'share'), name);
  return join(absolute('LOCALAPPDATA') ?? join(home, 'AppData', 'Local'), name, 'Data');
}

/** The prefix of the line on standard error in which a host process says why it could not start. */
export const failurePrefix = 'bgjobs host: ';

export function homeFiles(home: string): HomeFiles {
  // Of `join` the first call alone takes as long as all else that a short command does with files.
  const at = (name: string): string => `${home}${sep}${name}`;
  const files = { record: at('host.json'), lock: at('host.lock'), log: at('host.log'), output: at('host.out') };
  return { home, database: at('jobs.db'), ...files };
}

/**
 * Variables that must not reach a job host, and through it the jobs: the one that makes Electron run as Node, the editor's
 * own, options for this Node process (a debugger's, for example), and the run id of a job that happens to start the host:
 * with it the host would count as a process of that job and be killed with it.
 */
const foreign = /^(ELECTRON_|VSCODE_|NODE_OPTIONS$|BGJOBS_(RUN_ID|JOB_ID|HOLDER|HOOK)$)/;

/**
 * An option of glibc's malloc, mallopt(3), only for the host: without it, megabytes that were needed once, to load the
 * program, are never given back. Other systems ignore it.
 */
export const allocatorVariable = 'MALLOC_TRIM_THRESHOLD_';

/** The environment for a job host that this process starts. */
export function environmentForHost(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name.toUpperCase())));
}

/** The content of host.json. A host that was killed leaves the file behind: only an answer proves that it is running. */
export interface HostRecord {
  /** Path of a Unix socket, or name of a Windows pipe. */
  endpoint: string;
  token: string;
  pid: number;
  version: string;
  protocol: number;
  /** ISO 8601. */
  startedAt: string;
}

/** @returns undefined when the file is missing or cannot be understood */
export function readHostRecord(path: string): HostRecord | undefined {
  try {
    return understood(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes by rename, so that readers see all of it or nothing; readable only by its owner, because of the token. */
export function writeHostRecord(path: string, record: HostRecord): void {
  const draft = `${path}.${record.pid}`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  replaceFile(draft, path);
}

export function removeHostRecord(path: string): void {
  rmSync(path, { force: true });
}

/** Checked by hand: every window reads it when it opens, and loading a library would take longer than all the rest. */
function understood(value: unknown): HostRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { endpoint, token, pid, version, protocol, startedAt } = value as Record<keyof HostRecord, unknown>;
  if (typeof endpoint !== 'string' || typeof token !== 'string' || typeof pid !== 'number') return undefined;
  if (typeof version !== 'string' || typeof protocol !== 'number' || typeof startedAt !== 'string') return undefined;
  return { endpoint, token, pid, version, protocol, startedAt };
}
