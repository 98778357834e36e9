import { withCommands } from './findTree.ts';
import type { ProcessEntry } from './processIdentity.ts';
import type { ProcessTable } from './processTable.ts';
import { canonicalLogs, RunTree, type RunTarget } from './runTree.ts';
import { EvidenceCache, Snapshot } from './snapshot.ts';

/**
 * What is alive of many runs, by one reading of the processes; as `findTree` tells it of one.
 * @returns by run id; runs of which nobody is left are not in it
 */
export async function findLeftovers(
  table: ProcessTable,
  targets: readonly RunTarget[],
): Promise<Map<string, ProcessEntry[]>> {
  const evidence = new EvidenceCache(table, targets.flatMap(canonicalLogs));
  const trees = targets.map((target) => ({ runId: target.runId, tree: new RunTree(table, target, evidence) }));
  const snapshot = await Snapshot.take(table, evidence, (taken, entry) =>
    trees.some(({ tree }) => tree.mayHold(taken, entry)),
  );
  const found = trees.map(({ runId, tree }) => [runId, withCommands(table, tree.claim(snapshot).members)] as const);
  return new Map(found.filter(([, members]) => members.length > 0));
}
