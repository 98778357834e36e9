import envPaths from 'env-paths';
import { join, resolve } from 'node:path';

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
