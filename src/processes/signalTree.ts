import { BgJobsError } from '../api/errors.ts';
import { RunTree, type RunTarget } from './runTree.ts';
import { freeze, Signaller } from './signaller.ts';
import type { ProcessTable } from './snapshot.ts';

/** How long processes may take to obey SIGSTOP: one in an uninterruptible wait obeys when that is over. */
const pauseMs = 5000;

/** Delivers a signal once to each of the command's processes, but not to the supervisor and its FIFO keepers. */
export async function signalTree(table: ProcessTable, target: RunTarget, signal: NodeJS.Signals): Promise<void> {
  const { members } = await new RunTree(table, target).scan();
  new Signaller(table).sendEach(members, signal);
}

/**
 * Pauses the command's processes, also those that are being started meanwhile.
 * @throws BgJobsError `invalid_request` on Windows, which cannot do that
 */
export async function pauseTree(table: ProcessTable, target: RunTarget): Promise<void> {
  requirePause(table);
  await freeze(new RunTree(table, target), new Signaller(table), 'stopped', pauseMs);
}

/** @throws BgJobsError as {@link pauseTree} */
export async function resumeTree(table: ProcessTable, target: RunTarget): Promise<void> {
  requirePause(table);
  await signalTree(table, target, 'SIGCONT');
}

function requirePause(table: ProcessTable): void {
  if (!table.canPause) throw new BgJobsError('invalid_request', 'This platform cannot pause processes.');
}
