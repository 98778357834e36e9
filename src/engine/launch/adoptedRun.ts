import { watch, type FSWatcher } from 'node:fs';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/runTree.ts';
import { exitRecordPath, readExitRecord, type ExitStatus } from './supervisor.ts';

/** How often a supervisor is looked for that may have been killed, in which case no file tells. */
const checkMs = 2000;

/** Waits for the end of a run whose supervisor is not our child: its record appears, or the supervisor is gone. */
export function watchAdopted(table: ProcessTable, supervisor: ProcessIdentity, directory: string) {
  const { promise, resolve } = Promise.withResolvers<ExitStatus | null>();
  const look = (): void => {
    // First alive, then the record: what is written between the two looks is seen.
    const alive = table.isAlive(supervisor);
    const record = readExitRecord(directory);
    if (alive && !record) return;
    dispose();
    resolve(record ?? null);
  };
  const dispose = (): void => {
    watcher?.close();
    clearInterval(timer);
  };
  const watcher = watchFile(exitRecordPath(directory), look);
  const timer = setInterval(look, checkMs);
  look();
  return { exited: promise, dispose };
}

/**
 * The record alone, not its folder: there a job that writes a lot would wake us up with every line.
 * @returns undefined when it was removed, or there are no watches left: the timer has to do
 */
function watchFile(path: string, listener: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, listener);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
