import type { ProcessIdentity } from './processIdentity.ts';
import type { ProcessTable } from './processTable.ts';

/** The pid of the run's command: the supervisor's child that is no holder. Undefined before it is started and after its end. */
export function mainProcessOf(table: ProcessTable, supervisor: ProcessIdentity): number | undefined {
  const children = table.childrenOf(supervisor.pid).filter((pid) => !table.holder(pid));
  if (children.length === 0) return undefined;
  // A child that has not loaded its program yet still looks like the supervisor, and may become a holder.
  const own = table.commandOf(supervisor);
  return children.find((pid) => table.commandOf({ pid }) !== own);
}
