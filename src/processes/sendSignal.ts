import type { Delivery } from './processTable.ts';

/** As `process.kill`: a negative pid is a group, signal 0 only asks. Throws errors with a `code`. */
export type Kill = (pid: number, signal: NodeJS.Signals | 0) => unknown;

/**
 * @param target a pid, or a group's number with a minus
 * @throws RangeError for what must never be signalled: 0 is our own group, -1 everybody, 1 init, and ourselves
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
