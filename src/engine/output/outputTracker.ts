import type { Stream } from '../../api/output.ts';
import { type ChunkIndex, streamSizes } from '../../store/chunkIndex.ts';
import { LogLimit } from './logLimit.ts';
import { type PunchHole, punchHole } from './punchHole.ts';
import type { GrowthListener, GrowthSource, RunLogs } from './runLogs.ts';
import { TrackedRun, type TrackedRunDeps, type WatchLogs, watchLogs } from './trackedRun.ts';

export interface OutputTrackerEvents {
  /** `logs.dropped` has changed: to be stored at once. */
  onDropped: (logs: RunLogs) => void;
  /** Once per run: maxLogBytes cannot be enforced (the file system has no holes, say); the logs are kept whole. */
  onUnlimited: (logs: RunLogs, error: unknown) => void;
  /** Growth could not be recorded (because the disk is full, say). It is tried again when there is more, and at the end. */
  onFailure: (logs: RunLogs, error: unknown) => void;
}

export interface OutputTrackerSystem {
  now?: () => number;
  watchLogs?: WatchLogs;
  punchHole?: PunchHole;
}

/** Keeps the chunk index of all live runs up to date by polling their logs: nothing stands between a job and its log. */
export class OutputTracker implements GrowthSource {
  readonly #deps: TrackedRunDeps;
  readonly #runs = new Map<number, TrackedRun>();

  constructor(index: ChunkIndex, events: OutputTrackerEvents, system: OutputTrackerSystem = {}) {
    this.#deps = {
      index,
      limit: new LogLimit(system.punchHole ?? punchHole(process.platform), events),
      watchLogs: system.watchLogs ?? watchLogs(process.platform),
      now: system.now ?? Date.now,
      onFailure: events.onFailure,
    };
  }

  /** Starts to observe a run, a new one or one that an earlier host started: it continues after the index's last row. */
  track(logs: RunLogs): void {
    if (this.#runs.has(logs.run)) throw new Error(`run ${logs.run} is tracked already`);
    this.#runs.set(logs.run, new TrackedRun(logs, this.#deps));
  }

  /** Polls the logs now, for an answer that is up to date. A failure is reported, not thrown. */
  observe(run: number): void {
    const tracked = this.#runs.get(run);
    try {
      tracked?.observe();
    } catch (error) {
      if (tracked) this.#deps.onFailure(tracked.logs, error);
    }
  }

  /**
   * Polls for the last time and stops tracking the run, so its followers come to the end. Does nothing for a run that
   * is not tracked.
   * @throws what the index throws; the run stays tracked then
   */
  finish(run: number): void {
    const tracked = this.#runs.get(run);
    if (!tracked) return;
    tracked.observe();
    tracked.stop();
    this.#runs.delete(run);
    tracked.notifyFinished();
  }

  /**
   * What readers must share of a run that is tracked, or has just ended and is still being cut to maxLogBytes.
   * Undefined for any other: what is stored of it does not change any more.
   */
  logsOf(run: number): RunLogs | undefined {
    return this.#runs.get(run)?.logs ?? this.#deps.limit.logsOf(run);
  }

  /** Bytes written so far, those that were dropped included. */
  bytes(run: number): Readonly<Record<Stream, number>> {
    return this.#runs.get(run)?.sizes ?? streamSizes(this.#deps.index.last(run));
  }

  /** Milliseconds since the epoch; 0 when the run has written nothing. */
  lastGrowth(run: number): number {
    return this.#runs.get(run)?.lastGrowth ?? this.#deps.index.last(run)?.time ?? 0;
  }

  onGrowth(run: number, listener: GrowthListener): () => void {
    const tracked = this.#runs.get(run);
    if (tracked) return tracked.listen(listener);
    listener(true);
    return () => undefined;
  }

  /** Stops tracking all runs, without notice to their followers. Resolves when all logs that are too long are cut. */
  async dispose(): Promise<void> {
    for (const tracked of this.#runs.values()) tracked.stop();
    this.#runs.clear();
    await this.#deps.limit.dispose();
  }
}
