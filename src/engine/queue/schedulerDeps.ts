import type { ResourceGuard } from './resourceGuard.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Blocking, Observed } from './dependencies.ts';
import type { RunningLimits } from './slots.ts';

export interface QueueRules extends RunningLimits {
  queuePaused: boolean;
  pausedSessions: readonly string[];
}

export interface SchedulerParts {
  rules: () => QueueRules;
  now: () => number;
  /** Holds starts back while the machine is short of something. */
  guard: Pick<ResourceGuard, 'held' | 'recheck'>;
  observe: (jobId: string) => Observed | undefined;
  /** Begins a run at once, or throws and leaves the job waiting; `failed` is told then. */
  start: (job: JobRow) => void;
  failed: (job: JobRow, error: unknown) => void;
  /** What the job needs cannot come true any more. */
  dependencyFailed: (job: JobRow, failed: Blocking) => void;
  /** A job that is `scheduled` has reached its time. */
  due: (job: JobRow) => void;
  /** The clock was set back by more than an hour: the job's time may be reckoned anew. */
  clockSetBack: (job: JobRow) => void;
}
