import { watch } from 'node:fs';
import type { ProcessIdentity } from '../../stop/processIdentity.ts';
import type { ProcessTable } from '../../stop/processTable.ts';
import type { ExitStatus } from '../runner.ts';
import { readExitRecord } from './exitRecord.ts';

/** How often a supervisor is looked for that may have been killed, in which case no file tells. */
const checkMs = 2000;

/** Waits for the end of a run whose supervisor is not our child: its record appears, or the supervisor is gone. */
export function watchAdopted(
  table: ProcessTable,
  supervisor: ProcessIdentity,
  directory: string,
): { exited: Promise<ExitStatus | null>; dispose: () => void } {
  const { promise, resolve } = Promise.withResolvers<ExitStatus | null>();
  const look = (): void => {
    // First alive, then the record: what is written between the two looks is seen.
    const alive = table.isAlive(supervisor);
    const record = readExitRecord(directory);
    if (record) finish(record);
    else if (!alive) finish(null);
  };
  const finish = (status: ExitStatus | null): void => {
    dispose();
    resolve(status);
  };
  const dispose = (): void => {
    watcher.close();
    clearInterval(timer);
  };
  const watcher = watch(directory, look);
  // The folder was removed, or there are no watches left: the timer goes on.
  watcher.on('error', () => watcher.close());
  const timer = setInterval(look, checkMs);
  look();
  return { exited: promise, dispose };
}
