import { withCommands } from './findTree.ts';
import type { ProcessEntry } from './processIdentity.ts';
import type { ProcessTable } from './processTable.ts';
import { bornSince, RunTree, type RunTarget } from './runTree.ts';

/**
 * What is alive of many runs, by one reading of the processes; as `findTree` tells it of one.
 * @returns by run id; runs of which nobody is left are not in it
 */
export async function findLeftovers(
  table: ProcessTable,
  targets: readonly RunTarget[],
): Promise<Map<string, ProcessEntry[]>> {
  const snapshot = await table.look(Math.min(...targets.map(bornSince)));
  const found = targets.map(
    (target) => [target.runId, withCommands(table, new RunTree(table, target).claim(snapshot).members)] as const,
  );
  return new Map(found.filter(([, members]) => members.length > 0));
}
