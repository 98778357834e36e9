import { execFile, spawnSync } from 'node:child_process';
import type { Delivery } from './processSource.ts';

/** Like `process.kill`: a negative pid is a group, signal 0 only checks. Throws errors with a `code`. */
export type Kill = (pid: number, signal: NodeJS.Signals | 0) => unknown;

/**
 * @param target a pid, or a negative process group id
 * @throws RangeError for targets that must never be signalled: 0 (our own group), -1 (every process), 1 (init), ourselves
 */
export function sendSignal(kill: Kill, target: number, signal: NodeJS.Signals | 0): Delivery {
  if (!Number.isInteger(target) || Math.abs(target) <= 1 || target === process.pid) {
    throw new RangeError(`Refusing to signal ${target}`);
  }
  try {
    kill(target, signal);
    return 'delivered';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ESRCH') return 'gone';
    if (code === 'EPERM') return 'denied';
    throw error;
  }
}

/** Runs a helper program and returns its stdout, whatever its exit code; empty if it cannot be run. */
export interface Helper {
  run(file: string, args: readonly string[]): Promise<string>;
  runSync(file: string, args: readonly string[]): string;
}

/** Node's own functions, so that the host does not carry a library that only a few platforms need. */
export function createHelper(env: NodeJS.ProcessEnv): Helper {
  const options = { env, windowsHide: true, encoding: 'utf8', maxBuffer: Infinity } as const;
  return {
    run: (file, args) =>
      new Promise((resolve) => {
        execFile(file, args, options, (_error, stdout) => resolve(stdout)).stdin?.end();
      }),
    runSync: (file, args) => spawnSync(file, args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] }).stdout ?? '',
  };
}
