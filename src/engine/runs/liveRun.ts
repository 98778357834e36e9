import type { Actor } from '../../api/options.ts';
import type { RunLogs } from '../output/runLogs.ts';
import type { RunningProcess } from '../launch/runner.ts';
import type { RunTarget } from '../../processes/runTree.ts';
import type { KillOutcome } from '../../processes/killTree.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { RunRow } from '../../store/runTable.ts';

/** A run under way: its record, and the live handles that stand beside it and are never stored. */
export interface LiveRun {
  readonly job: JobRow;
  readonly run: RunRow;
  readonly process: RunningProcess;
  readonly logs: RunLogs;
  readonly target: RunTarget;
  /** Settles when the command's pid is recorded, or will not be known. */
  pidKnown?: Promise<void>;
  /** What is to be known before an end that nobody asked for is recorded. It takes two seconds at most. */
  beforeEnd?: () => Promise<void>;
  readonly timers: Set<NodeJS.Timeout>;
  /** Signals that somebody here had delivered without asking for the end, and who it was. */
  readonly delivered: Map<string, Actor>;
  /** When it was paused and went on the last time, in milliseconds since the epoch: its silence counts from then on. */
  resumedAt?: number;
  /** How many processes the kernel had ended for want of memory when it started; null where that is not known. */
  readonly oomKills: number | null;
  /** The most that was seen of what its tree holds, in bytes, where somebody looks. */
  maxMemory?: number;
  /** Settles when the main process has ended and, unless it is being stopped, that is recorded. */
  readonly ended: Promise<void>;
  /** Settles when the tree is proven dead and the end is recorded. */
  stop?: Promise<KillOutcome>;
}

export function clearTimers(live: LiveRun): void {
  for (const timer of live.timers) clearTimeout(timer);
  live.timers.clear();
}
