import envPaths from 'env-paths';
import { join, resolve } from 'node:path';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Where everything of one user's jobs lies, and the files in it that the host and its clients both know. */
export interface HomeFiles {
  readonly home: string;
  /** How to reach the running host: see hostRecord.ts. */
  readonly record: string;
  /** Held by the running host, as a lock of the operating system. */
  readonly lock: string;
  readonly log: string;
  /** What host processes print, above all why one could not start. */
  readonly output: string;
}

/**
 * @param env `BGJOBS_HOME` moves the whole store; a relative one counts from the working directory
 * @returns an absolute path, which need not exist
 */
export function resolveHome(env: NodeJS.ProcessEnv): string {
  return env['BGJOBS_HOME'] ? resolve(env['BGJOBS_HOME']) : envPaths('background-jobs', { suffix: '' }).data;
}

/** How a host process begins the line, on standard error, that says why it could not start. */
export const failurePrefix = 'bgjobs host: ';

export function homeFiles(home: string): HomeFiles {
  return {
    home,
    record: join(home, 'host.json'),
    lock: join(home, 'host.lock'),
    log: join(home, 'host.log'),
    output: join(home, 'host.out'),
  };
}

/**
 * What must not reach a job host, and through it the jobs: what makes Electron run as Node, the editor's own variables,
 * options for this Node process (a debugger's, for example), and the mark of a job that happens to start the host:
 * with it the host would count as a process of that job and die with it.
 */
const foreign = /^(ELECTRON_|VSCODE_|NODE_OPTIONS$|BGJOBS_(RUN_ID|JOB_ID|HOLDER)$)/;

/**
 * An option of glibc's malloc, mallopt(3), for the host alone: without it megabytes that were needed once, to read the
 * program, are kept for the next time. Other systems do not know it.
 */
export const allocatorVariable = 'MALLOC_TRIM_THRESHOLD_';

/** The environment for a job host that this process starts. */
export function environmentForHost(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name.toUpperCase())));
}

/** What host.json says of the running host. A host that was killed leaves it behind: only an answer proves it true. */
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

/** @returns undefined when there is none, or none that can be understood */
export function readHostRecord(path: string): HostRecord | undefined {
  try {
    return understood(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** By rename, so that a reader sees all of it or nothing; readable by its owner alone, because of the token. */
export function writeHostRecord(path: string, record: HostRecord): void {
  const draft = `${path}.${record.pid}`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

export function removeHostRecord(path: string): void {
  rmSync(path, { force: true });
}

/** By hand: every window reads it when it opens, and a library for that would take longer than all the rest. */
function understood(value: unknown): HostRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { endpoint, token, pid, version, protocol, startedAt } = value as Record<keyof HostRecord, unknown>;
  if (typeof endpoint !== 'string' || typeof token !== 'string' || typeof pid !== 'number') return undefined;
  if (typeof version !== 'string' || typeof protocol !== 'number' || typeof startedAt !== 'string') return undefined;
  return { endpoint, token, pid, version, protocol, startedAt };
}
