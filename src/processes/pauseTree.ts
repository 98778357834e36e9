import { BgJobsError } from '../api/errors.ts';
import { Courier, freeze } from './signaller.ts';
import type { ProcessTable } from './processTable.ts';
import { RunTree, type RunTarget } from './runTree.ts';
import { signalTree } from './signalTree.ts';

/** How long processes may take to obey SIGSTOP: one in an uninterruptible wait obeys when that is over. */
const pauseMs = 5000;

/**
 * Stops the command's processes for a while, those too that are being started meanwhile.
 * @returns how many are stopped now
 * @throws BgJobsError `invalid_request` on Windows, which has no such thing
 */
export async function pauseTree(table: ProcessTable, target: RunTarget): Promise<number> {
  requirePause(table);
  const { members } = await freeze(new RunTree(table, target), new Courier(table), 'stopped', pauseMs);
  return members.filter((process) => process.state === 'stopped').length;
}

/** @returns how many processes go on; @throws BgJobsError as {@link pauseTree} */
export async function resumeTree(table: ProcessTable, target: RunTarget): Promise<number> {
  requirePause(table);
  return signalTree(table, target, 'SIGCONT');
}

function requirePause(table: ProcessTable): void {
  if (!table.canPause) throw new BgJobsError('invalid_request', 'This platform cannot pause processes.');
}
