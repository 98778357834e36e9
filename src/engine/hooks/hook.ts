/**
 * The room of what accompanies runs: limits, probes and the main process, all of one shape. `wiring.ts` lists them in the
 * order in which they act. Used by `runs`, and by `jobs` and `queries` for orphans. The room sees a run as {@link ActiveRun}.
 */
import { awakeSince } from '../../store/clock.ts';
import type { SettingsStore } from '../../store/settingsStore.ts';
import type { EndReason } from '../../api/values.ts';
import type { KillOutcome } from '../../processes/killTree.ts';
import type { RunTarget, ProcessTable } from '../../processes/runTree.ts';
import type { Cause } from '../../store/arrays.ts';
import type { JobRow, JobSpec } from '../../store/jobTable.ts';
import type { End, Leftover, RunLogs, RunRow, StopRecord } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';
import type { RunningProcess } from '../launch/runControl.ts';
import type { OutputTracker } from '../output/outputTracker.ts';

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
  /** When it was last resumed, by `clock.awake`. */
  readonly resumedAt: number;
  /** Resolves when the command's pid is recorded or cannot be found any more. */
  pidKnown?: Promise<void>;
  /** The most memory that its tree was seen to hold, in bytes. Recorded with the end. */
  maxMemory?: number;
  kill(how: RunKill): Promise<KillOutcome>;
  pause(cause?: Cause): Promise<void>;
  /** Kills it because a limit of its own is reached. A failure is logged. By default SIGTERM, with the job's grace time. */
  expire(reason: EndReason, how?: Partial<Pick<StopRecord, 'signal' | 'graceMs' | 'reasonText'>>): void;
}

/** Accompanies runs: one object serves all, and keeps what it knows of each until `ended`. */
export interface RunHook {
  readonly name: string;
  /** The run has its processes: it was launched, or adopted from an earlier host. Not called for one that is being killed. */
  started?(run: ActiveRun): void;
  /** No limit applies any more: the run is being killed, or its end only has to be recorded. May be called twice. */
  stopped?(run: ActiveRun): void;
  /**
   * The main process has ended without being killed. What is returned is recorded with the end, which waits for it; so this
   * takes two seconds at most.
   */
  beforeEnd?(run: ActiveRun, end: End): Promise<Partial<End>> | Partial<End>;
  /** The end is recorded. */
  ended?(run: ActiveRun): void;
  /** Called after `ended`, with the processes that it has left. Null: they are still to be looked for. */
  left?(run: ActiveRun, leftovers: Leftover[] | null): void;
  /** The engine closes. Runs go on without it. */
  dispose?(): void;
}

/** A hook, and which runs it accompanies: by default, all. */
export interface ChosenHook {
  hook: RunHook;
  concerns?: (spec: JobSpec) => boolean;
  /** It needs nothing of this machine's processes, so it accompanies runs elsewhere as well. */
  isAnywhere?: boolean;
}

export interface HookDeps {
  store: Store;
  table: ProcessTable;
  tracker: OutputTracker;
  /** `jobTimeoutMs` applies to jobs that name no limit; 0 means none. */
  settings: { readonly current: Pick<SettingsStore['current'], 'jobTimeoutMs'> };
  now: () => number;
  report: (error: unknown) => void;
}

/** How long ago a run was started, without time asleep (milliseconds). @param now milliseconds since the epoch */
export function ageOf({ record: { startedAt, supervisor } }: Pick<ActiveRun, 'record'>, now: number): number {
  return awakeSince({ startedAt, moment: supervisor }, now);
}
