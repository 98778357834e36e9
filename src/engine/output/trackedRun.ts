import type { Stream } from '../../api/output.ts';
import { type ChunkIndex, streamSizes } from '../../store/chunkIndex.ts';
import { findGrowth, type Indexed, type WatchLogs } from './growth.ts';
import type { LogLimit } from './logLimit.ts';
import type { GrowthListener, RunLogs } from './runLogs.ts';

/** Milliseconds. */
const delays = {
  /** Before the first poll: most short jobs have ended by then and never have a watcher. */
  first: 10,
  /** Between polls while it grows and somebody listens; also the shortest between any two. */
  live: 25,
  /** The longest between polls while it grows and nobody listens. */
  unwatched: 250,
  /** Between polls of a quiet run whose logs cannot be watched. */
  pollLive: 100,
  pollUnwatched: 1000,
};

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
    this.#pollIn(this.#delay);
    this.#delay = this.#listeners.size > 0 ? delays.live : Math.min(this.#delay * 2, delays.unwatched);
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
