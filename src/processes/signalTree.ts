import { Courier } from './signaller.ts';
import type { ProcessTable } from './processTable.ts';
import { RunTree, type RunTarget } from './runTree.ts';

/**
 * Delivers a signal once to each of the command's processes, and no more: not to the supervisor, not to its holders.
 * @returns to how many it was delivered
 */
export async function signalTree(table: ProcessTable, target: RunTarget, signal: NodeJS.Signals): Promise<number> {
  const { members } = await new RunTree(table, target).scan();
  return new Courier(table).sendEach(members, signal);
}
