import { statSync } from 'node:fs';
import type { Stream } from '../../api/output.ts';
import { streamSizes, type ChunkIndex, type ChunkRow, bothStreams, type RunLogs } from '../../store/runTable.ts';
import { LogLimit, punchHole, type GrowthListener, type GrowthSource, type PunchHole } from './logLimit.ts';
import { watchLogs, type WatchLogs } from './watchLogs.ts';

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

/** Milliseconds. */
const delays = {
  /** Before the first poll: most short jobs have ended by then and never have a watcher. */
  first: 10,
  /** Between polls while it grows and somebody listens; also the shortest between any two, except where a log is full before. */
  live: 25,
  /** The same while it grows by more than a reader can follow: each poll wakes up the host and its clients. */
  flood: 100,
  /** The longest between polls while it grows and nobody listens. */
  unwatched: 250,
  /** Between polls of a quiet run whose logs cannot be watched. */
  pollLive: 100,
  pollUnwatched: 1000,
};

/** Bytes between two polls, so many that nobody reads them live. */
const floodBytes = 1_048_576;

export interface TrackedRunDeps {
  index: ChunkIndex;
  limit: LogLimit;
  watchLogs: WatchLogs;
  now: () => number;
  /** The index could not be written; the next poll that finds more tries again. */
  onFailure: (logs: RunLogs, error: unknown) => void;
}

/**
 * Observes the logs of one live run. While they are quiet a watcher waits, which costs nothing; its first hint replaces
 * it by a timer, so that a flood of writes is not a flood of events, and a poll that finds nothing new brings the
 * watcher back.
 */
export class TrackedRun {
  readonly logs: RunLogs;
  readonly #deps: TrackedRunDeps;
  readonly #indexed: Indexed;
  readonly #listeners = new Set<GrowthListener>();
  #timer: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  #delay = delays.live;
  /** When the last growth was seen (performance.now), and how fast it was, in bytes per millisecond. */
  #seen = performance.now();
  #speed = 1e-9;

  constructor(logs: RunLogs, deps: TrackedRunDeps) {
    this.logs = logs;
    this.#deps = deps;
    const last = deps.index.last(logs.run);
    this.#indexed = { sizes: streamSizes(last), time: last?.time ?? 0 };
    this.#pollIn(delays.first);
  }

  get sizes(): Readonly<Record<Stream, number>> {
    return this.#indexed.sizes;
  }

  /** Milliseconds since the epoch; 0 when it has not grown yet. */
  get lastGrowth(): number {
    return this.#indexed.time;
  }

  /**
   * Brings the index up to date.
   * @returns whether there was more
   * @throws what the index throws: nothing has changed then
   */
  observe(): boolean {
    const { index, limit, now } = this.#deps;
    const rows = findGrowth(this.logs, this.#indexed, now());
    if (rows.length === 0) return false;
    index.append(this.logs.run, rows);
    const since = Math.max(1, performance.now() - this.#seen);
    this.#seen += since;
    this.#speed = rows.reduce((sum, { length }) => sum + length, 0) / since;
    for (const row of rows) {
      this.#indexed.sizes[row.stream] = row.offset + row.length;
      this.#indexed.time = row.time;
    }
    limit.enforce(this.logs, this.sizes);
    for (const listener of this.#listeners) listener(false);
    return true;
  }

  listen(listener: GrowthListener): () => void {
    this.#listeners.add(listener);
    this.#delay = delays.live;
    if (this.#timer) this.#pollIn(delays.live);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the observation. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  notifyFinished(): void {
    for (const listener of this.#listeners) listener(true);
  }

  #pollIn(milliseconds: number): void {
    this.stop();
    this.#timer = setTimeout(() => this.#poll(), milliseconds);
  }

  #poll(): void {
    this.#timer = undefined;
    if (this.#hasGrown()) this.#pollAgain();
    else this.#rest();
  }

  #pollAgain(): void {
    // In time for a log that grows so fast that it has to be cut before.
    const full = this.#deps.limit.room(this.logs, this.sizes) / this.#speed;
    this.#pollIn(Math.min(this.#delay, Math.max(delays.first, full)));
    const live = this.#speed * delays.live > floodBytes ? delays.flood : delays.live;
    this.#delay = this.#listeners.size > 0 ? live : Math.min(this.#delay * 2, delays.unwatched);
  }

  #rest(): void {
    this.#delay = delays.live;
    this.#unwatch = this.#deps.watchLogs(this.logs, () => this.#onHint());
    if (!this.#unwatch) return this.#pollIn(this.#listeners.size > 0 ? delays.pollLive : delays.pollUnwatched);
    // Something may have been written between the last poll and the start of the watcher.
    if (this.#hasGrown()) this.#pollAgain();
  }

  #onHint(): void {
    if (!this.#unwatch) return;
    this.#hasGrown();
    this.#pollAgain();
  }

  #hasGrown(): boolean {
    try {
      return this.observe();
    } catch (error) {
      this.#deps.onFailure(this.logs, error);
      return false;
    }
  }
}

/** What the index holds of a run's output. */
export interface Indexed {
  sizes: Record<Stream, number>;
  /** Of the last row, in milliseconds since the epoch; 0 when there is none. */
  time: number;
}

/**
 * The rows for what the logs have grown since, at most one per stream. When both have grown, the one that was written
 * to last comes last: more about the order cannot be known.
 * A row's time is that of the last write, so it is right also after a long pause between polls; it never goes back.
 * A log that is missing or shorter than before has not grown.
 */
export function findGrowth(logs: RunLogs, { sizes, time }: Indexed, now: number): ChunkRow[] {
  const grown = bothStreams.flatMap((stream) => {
    const path = logs[stream];
    const stats = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
    return stats && stats.size > sizes[stream] ? [{ stream, size: stats.size, mtimeMs: stats.mtimeMs }] : [];
  });
  let seq = sizes.stdout + sizes.stderr;
  return grown
    .sort((a, b) => a.mtimeMs - b.mtimeMs)
    .map(({ stream, size, mtimeMs }) => {
      const offset = sizes[stream];
      const length = size - offset;
      seq += length;
      time = Math.max(time, Math.min(now, Math.round(mtimeMs)));
      return { seq, time, stream, offset, length };
    });
}
