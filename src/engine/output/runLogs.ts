import type { Stream } from '../../api/output.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { logPaths, runFolder } from '../../store/runFolder.ts';
import type { RunRow } from '../../store/runTable.ts';

/** The log files of one run, and what was dropped from their beginnings. */
export interface RunLogs {
  /** The run's key in the chunk index. */
  readonly run: number;
  /** Absolute paths. With `capture: merged` both streams are in stdout's and stderr is null. */
  readonly stdout: string;
  readonly stderr: string | null;
  /** Per stream. */
  readonly maxLogBytes: number;
  /**
   * Bytes at the beginning of each stream that maxLogBytes has dropped: offsets stay, those bytes are gone.
   * The tracker moves them on, so readers share this very object with it: see OutputTracker.logsOf.
   */
  readonly dropped: Record<Stream, number>;
}

/** The logs of a run as its record has them, without what the tracker changes. */
export function logsOf(home: string, job: JobRow, run: RunRow): RunLogs {
  const paths = logPaths(runFolder(home, job.id, run.number), job.spec.capture);
  const dropped = { stdout: run.stdoutDropped, stderr: run.stderrDropped };
  return { run: run.row, ...paths, maxLogBytes: job.spec.maxLogBytes, dropped };
}

/** One file, or one for each stream. */
export function logFiles({ stdout, stderr }: Pick<RunLogs, 'stdout' | 'stderr'>): string[] {
  return stderr === null ? [stdout] : [stdout, stderr];
}

export const bothStreams = ['stdout', 'stderr'] as const satisfies readonly Stream[];

/** Called when a run's index has grown; with `true`, once, when it has grown for the last time. */
export type GrowthListener = (finished: boolean) => void;

/** Reports growth of a run's output. The tracker does; a run that is not tracked no longer grows. */
export interface GrowthSource {
  /** Calls back at once, with `true`, for a run that is not tracked. @returns a function that ends it */
  onGrowth(run: number, listener: GrowthListener): () => void;
}
