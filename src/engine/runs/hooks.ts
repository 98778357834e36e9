import type { JobRow } from '../../store/jobTable.ts';
import type { HookDeps, RunHook } from '../hooks/hook.ts';
import { MainPid } from '../hooks/mainPid.ts';
import { MemoryLimit } from '../hooks/memoryLimit.ts';
import type { Orphans } from '../hooks/orphans.ts';
import { OutOfMemory } from '../hooks/outOfMemory.ts';
import { Readiness } from '../hooks/readiness.ts';
import { IdleLimit, TimeLimit } from '../hooks/timeLimits.ts';

/** The slots that running jobs take, and the queue for them. */
export interface Slots {
  took(job: JobRow): void;
  freed(job: JobRow): void;
  /** The job waits for another attempt, or was put back into the queue. */
  requeued(job: JobRow): void;
}

/** Everything that accompanies a run, in the order in which it acts. */
export function createHooks(deps: HookDeps, orphans: Orphans, slots: Slots): RunHook[] {
  return [
    new MainPid(deps),
    new TimeLimit(deps),
    new IdleLimit(deps),
    new MemoryLimit(deps),
    new OutOfMemory(),
    // Before readiness, which may take two seconds: by then the ids of the ended tree may have been reused.
    orphans,
    new Readiness(deps),
    freeSlot(slots),
  ];
}

/** The slot of a run is free when its end is recorded; the job competes for the next one when it is to run again. */
function freeSlot(slots: Slots): RunHook {
  return {
    name: 'freeSlot',
    started: ({ job }) => slots.took(job),
    ended({ job }) {
      slots.requeued(job);
      slots.freed(job);
    },
    notStarted: (job) => slots.requeued(job),
  };
}
