import type { Stream } from '../../api/output.ts';
import { punchHole, type PunchHole } from '../../disk/punchHole.ts';
import { streamSizes, type ChunkIndex } from '../../store/chunkIndex.ts';
import type { RunLogs } from '../../store/runTable.ts';
import { findGrowth, keptOf, Quiet, sizesOf, type Indexed, type LogActions } from './growth.ts';
import { isTooFast, LogLimit, type GrowthListener, type GrowthSource } from './logLimit.ts';
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
  /** By how much the clock was set since an earlier host was here, in milliseconds. */
  steppedBy?: number;
  watchLogs?: WatchLogs;
  punchHole?: PunchHole;
}

/** Keeps the chunk index of all live runs up to date by polling their logs: nothing stands between a job and its log. */
export class OutputTracker implements GrowthSource {
  readonly #deps: TrackedRunDeps;
  readonly #runs = new Map<number, TrackedRun>();
  /** Those who act on what logs do. The hooks and verbs that do it set them. */
  readonly on: LogActions = { full: () => undefined, flood: () => undefined, growth: () => undefined };

  constructor(index: ChunkIndex, events: OutputTrackerEvents, system: OutputTrackerSystem = {}) {
    this.#deps = {
      index,
      limit: new LogLimit(system.punchHole ?? punchHole(process.platform), {
        ...events,
        onFull: ({ run }, stream) => this.on.full(run, stream),
      }),
      watchLogs: system.watchLogs ?? watchLogs(process.platform),
      now: system.now ?? Date.now,
      steppedBy: system.steppedBy ?? 0,
      onFailure: events.onFailure,
      on: this.on,
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

  /** How long ago a run that is tracked has written, without time asleep (milliseconds); Infinity if it has not. */
  quietMs(run: number): number {
    return this.#runs.get(run)?.quietMs ?? Infinity;
  }

  onGrowth(run: number, listener: GrowthListener): () => void {
    const tracked = this.#runs.get(run);
    if (tracked) return tracked.listen(listener);
    listener(true);
    return () => undefined;
  }

  /** Whether a run that writes at this speed may outrun those who look. @param speed in bytes per millisecond */
  isTooFast(run: number, speed: number): boolean {
    const tracked = this.#runs.get(run);
    return tracked !== undefined && isTooFast(tracked.logs, speed);
  }

  /** Whether something is being dropped from a log of the run right now. */
  isPunching(run: number): boolean {
    return this.#deps.limit.isPunching(run);
  }

  /** What the logs of the runs under way have, without what was dropped. */
  keptBytes(): number {
    return keptOf(this.#runs.values()).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Drops the oldest bytes of the largest logs under way, so that all of them together have no more than `most` bytes. */
  cutTo(most: number): void {
    this.#deps.limit.cutLargest(keptOf(this.#runs.values()), most);
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
  steppedBy: number;
  on: LogActions;
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
  /** Of the next poll (performance.now). */
  #dueAt = 0;
  /** As far as they were seen by a poll or a look. */
  #seenSizes: Readonly<Record<Stream, number>>;
  readonly #quiet: Quiet;
  /** When the last growth was seen (performance.now), and how fast it was, in bytes per millisecond. */
  #seen = performance.now();
  #speed = 1e-9;

  constructor(logs: RunLogs, deps: TrackedRunDeps) {
    this.logs = logs;
    this.#deps = deps;
    const last = deps.index.last(logs.run);
    this.#indexed = { sizes: streamSizes(last), time: last?.time ?? 0 };
    this.#seenSizes = this.#indexed.sizes;
    this.#quiet = new Quiet(last && deps.now() - last.time - Math.max(0, deps.steppedBy));
    this.#pollIn(delays.first);
  }

  get sizes(): Readonly<Record<Stream, number>> {
    return this.#indexed.sizes;
  }

  get quietMs(): number {
    return this.#quiet.ms;
  }

  /**
   * Brings the index up to date.
   * @returns whether there was more
   * @throws what the index throws: nothing has changed then
   */
  observe(): boolean {
    const { index, limit, now, on } = this.#deps;
    const rows = findGrowth(this.logs, this.#indexed, now());
    this.#quiet.looked(rows.length > 0 ? now() - rows.at(-1)!.time : undefined);
    if (rows.length === 0) return false;
    index.append(this.logs.run, rows);
    const since = Math.max(1, performance.now() - this.#seen);
    this.#seen += since;
    const bytes = rows.reduce((sum, { length }) => sum + length, 0);
    this.#speed = bytes / since;
    for (const row of rows) {
      this.#indexed.sizes[row.stream] = row.offset + row.length;
      this.#indexed.time = row.time;
    }
    this.#seenSizes = this.sizes;
    limit.enforce(this.logs, this.sizes);
    if (limit.isFlooded(this.logs, this.sizes, this.#speed)) on.flood(this.logs.run);
    on.growth(bytes);
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
    this.#dueAt = performance.now() + milliseconds;
    this.#wait();
  }

  /** Until the next poll, or until a look shows that a log must be cut before. */
  #wait(): void {
    this.stop();
    const left = Math.max(0, this.#dueAt - performance.now());
    const look = this.#deps.limit.nextLook(this.logs, this.#seenSizes);
    this.#timer = setTimeout(() => (look < left ? this.#look() : this.#poll()), Math.min(left, look));
  }

  #look(): void {
    this.#seenSizes = sizesOf(this.logs, this.sizes);
    if (this.#deps.limit.isUrgent(this.logs, this.#seenSizes)) this.#poll();
    else this.#wait();
  }

  #poll(): void {
    this.#timer = undefined;
    if (this.#hasGrown()) this.#pollAgain();
    else this.#rest();
  }

  #pollAgain(): void {
    this.#pollIn(this.#delay);
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
