/**
 * The room of what accompanies runs: one file per limit or probe, all of one shape. `runs/runs.ts` lists them in the order
 * in which they act; only `runs`, and `jobs` and `queries` for orphans, import from here. The room sees a run as
 * {@link ActiveRun} and imports `readiness`, `launch`, `output`, the store and the process table.
 */
import type { EndReason } from '../../api/values.ts';
import type { KillOutcome } from '../../processes/killTree.ts';
import type { RunTarget } from '../../processes/runTree.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { End, RunRow, StopRecord } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';
import type { RunningProcess } from '../launch/runner.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import type { RunLogs } from '../output/runLogs.ts';

/** How a run is to be killed. Without `next`, the job's own options say where it goes afterwards. */
export type RunKill = Omit<StopRecord, 'requestedAt' | 'next'> & Partial<Pick<StopRecord, 'next'>>;

/** A run under way, as its hooks see it. */
export interface ActiveRun {
  /** `<job uuid>.<n>` */
  readonly id: string;
  readonly job: JobRow;
  readonly record: RunRow;
  readonly logs: RunLogs;
  readonly target: RunTarget;
  readonly process: Pick<RunningProcess, 'supervisor'>;
  /** A kill is under way or recorded. */
  readonly isBeingKilled: boolean;
  /** Its end is recorded, or this engine no longer follows it. */
  readonly isOver: boolean;
  /** When it was last resumed, in milliseconds since the epoch. */
  readonly resumedAt: number;
  /** Resolves when the command's pid is recorded or cannot be found any more. */
  pidKnown?: Promise<void>;
  /** The most memory that its tree was seen to hold, in bytes. Recorded with the end. */
  maxMemory?: number;
  kill(how: RunKill): Promise<KillOutcome>;
  /** Kills it because a limit of its own is reached. A failure is logged. By default SIGTERM, with the job's grace time. */
  expire(reason: EndReason, how?: Partial<Pick<StopRecord, 'signal' | 'graceMs' | 'reasonText'>>): void;
}

/** Something that accompanies runs. One object serves all runs; it keeps what it knows of each until `ended`. */
export interface RunHook {
  readonly name: string;
  /** The run has its processes: it was launched, or adopted from an earlier host. */
  started?(run: ActiveRun): void;
  /** No limit applies any more: the run is being killed, or its end only has to be recorded. May be called twice. */
  stopped?(run: ActiveRun): void;
  /**
   * The main process has ended without being killed. What is returned is recorded with the end, which waits for it; so this
   * takes two seconds at most.
   */
  beforeEnd?(run: ActiveRun, end: End): Promise<Partial<End>> | Partial<End>;
  /** The end is recorded. */
  ended?(run: ActiveRun, end: End): void;
  /** The run could not be started, which is recorded; the job may wait for another attempt. */
  notStarted?(job: JobRow): void;
  /** The engine closes. Runs go on without it. */
  dispose?(): void;
}

/** What hooks are made of. */
export interface HookDeps {
  store: Store;
  table: ProcessTable;
  tracker: OutputTracker;
  /** In milliseconds; 0 means no limit. Applies to jobs that name none. */
  defaultTimeoutMs: () => number;
  now: () => number;
  report: (error: unknown) => void;
}
