import { setTimeout as delay } from 'node:timers/promises';

/** How long a program may take to end after each signal (milliseconds). */
const graceMs = 2000;

/**
 * Ends a program of ours that leads a process group, with the whole group; on Windows it alone. Jobs have more than that:
 * see `killTree`.
 * @param signals one after the other: a second signal would break off what a program does at its end
 */
export async function endGroup(pid: number | undefined, signals: readonly NodeJS.Signals[]): Promise<void> {
  if (pid === undefined) return;
  const target = process.platform === 'win32' ? pid : -pid;
  try {
    for (const signal of signals) {
      process.kill(target, signal);
      for (let waited = 0; waited < graceMs; waited += 50) {
        await delay(50);
        process.kill(target, 0);
      }
    }
  } catch {
    // It has ended.
  }
}
