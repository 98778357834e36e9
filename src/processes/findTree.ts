import type { ProcessEntry } from './processIdentity.ts';
import type { ProcessTable } from './processTable.ts';
import { RunTree, type RunTarget } from './runTree.ts';

/** The live processes of a run's command, newest first, without the supervisor and its holders. `command` is the command line. */
export async function findTree(table: ProcessTable, target: RunTarget): Promise<ProcessEntry[]> {
  return withCommands(table, (await new RunTree(table, target).scan()).members);
}

export function withCommands(table: ProcessTable, processes: readonly ProcessEntry[]): ProcessEntry[] {
  return processes.map((entry) => ({ ...entry, command: table.commandOf(entry) }));
}
