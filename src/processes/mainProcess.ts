import type { ProcessIdentity } from './processIdentity.ts';
import type { ProcessTable } from './processTable.ts';

/** The pid of the run's command: the supervisor's child that is no holder. Undefined before it is started and after its end. */
export function mainProcessOf(table: ProcessTable, supervisor: ProcessIdentity): number | undefined {
  // In this order: before a child has loaded its program nobody can say whether it becomes a holder.
  const isCommand = (pid: number): boolean => table.hasLoaded(pid, supervisor.pid) && table.holder(pid) === false;
  return table.childrenOf(supervisor.pid).find(isCommand);
}
