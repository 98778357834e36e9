import type { Stream } from '../../api/output.ts';
import { type ChunkIndex, streamSizes } from '../../store/chunkIndex.ts';
import type { GrowthListener, GrowthSource } from './growth.ts';
import { LogLimit } from './logLimit.ts';
import { type WatchLogs, watchLogs } from './logWatch.ts';
import { type PunchHole, punchHole } from './punchHole.ts';
import type { RunLogs } from './runLogs.ts';
import { TrackedRun, type TrackedRunParts } from './trackedRun.ts';

export interface OutputTrackerEvents {
  /** `logs.dropped` has changed: to be stored at once. */
  onDropped: (logs: RunLogs) => void;
  /** Once per run: maxLogBytes cannot be kept (the file system has no holes, say); the logs are kept whole. */
  onUnlimited: (logs: RunLogs, error: unknown) => void;
  /** What has grown could not be recorded (a full disk, say). It is tried again when there is more, and at the end. */
  onFailure: (logs: RunLogs, error: unknown) => void;
}

export interface OutputTrackerSystem {
  now?: () => number;
  watchLogs?: WatchLogs;
  punchHole?: PunchHole;
}

/** Keeps the chunk index of all live runs up to date by looking at their logs: nobody sits between a job and its log. */
export class OutputTracker implements GrowthSource {
  readonly #parts: TrackedRunParts;
  readonly #runs = new Map<number, TrackedRun>();

  constructor(index: ChunkIndex, events: OutputTrackerEvents, system: OutputTrackerSystem = {}) {
    this.#parts = {
      index,
      limit: new LogLimit(system.punchHole ?? punchHole(process.platform), events),
      watchLogs: system.watchLogs ?? watchLogs(process.platform),
      now: system.now ?? Date.now,
      onFailure: events.onFailure,
    };
  }

  /** Begins to observe a run, a new one or one that an earlier host began: it goes on from the index's last row. */
  track(logs: RunLogs): void {
    if (this.#runs.has(logs.run)) throw new Error(`run ${logs.run} is tracked already`);
    this.#runs.set(logs.run, new TrackedRun(logs, this.#parts));
  }

  /** Looks at the logs now, for an answer that is up to date. A failure is reported, not thrown. */
  observe(run: number): void {
    const tracked = this.#runs.get(run);
    try {
      tracked?.observe();
    } catch (error) {
      if (tracked) this.#parts.onFailure(tracked.logs, error);
    }
  }

  /**
   * Looks for the last time and lets go of the run; who follows it comes to the end. A run that is not tracked is left
   * as it is.
   * @throws what the index throws; the run is tracked on then
   */
  finish(run: number): void {
    const tracked = this.#runs.get(run);
    if (!tracked) return;
    tracked.observe();
    tracked.stop();
    this.#runs.delete(run);
    tracked.tellFinished();
  }

  /**
   * What readers must share of a run that is tracked, or has just ended and is still being cut to maxLogBytes.
   * Undefined for any other: what is stored of it does not change any more.
   */
  logsOf(run: number): RunLogs | undefined {
    return this.#runs.get(run)?.logs ?? this.#parts.limit.logsOf(run);
  }

  /** Bytes written so far, those that were dropped included. */
  bytes(run: number): Readonly<Record<Stream, number>> {
    return this.#runs.get(run)?.sizes ?? streamSizes(this.#parts.index.last(run));
  }

  /** Milliseconds since the epoch; 0 when the run has written nothing. */
  lastGrowth(run: number): number {
    return this.#runs.get(run)?.lastGrowth ?? this.#parts.index.last(run)?.time ?? 0;
  }

  onGrowth(run: number, listener: GrowthListener): () => void {
    const tracked = this.#runs.get(run);
    if (tracked) return tracked.listen(listener);
    listener(true);
    return () => undefined;
  }

  /** Lets go of all runs; who follows one is told nothing. Settles when the logs are cut that are too long. */
  async dispose(): Promise<void> {
    for (const tracked of this.#runs.values()) tracked.stop();
    this.#runs.clear();
    await this.#parts.limit.dispose();
  }
}
