import type { Stream } from '../../api/output.ts';
import { type ChunkIndex, streamSizes } from '../../store/chunkIndex.ts';
import type { GrowthListener } from './growth.ts';
import type { LogLimit } from './logLimit.ts';
import type { WatchLogs } from './logWatch.ts';
import { findGrowth, type Observed } from './observe.ts';
import type { RunLogs } from './runLogs.ts';

/** Milliseconds. */
const delays = {
  /** Before the first look: most short jobs are over by then and never have a watcher. */
  first: 10,
  /** Between looks while it grows and somebody listens; and the shortest between any two. */
  live: 25,
  /** The longest between looks while it grows and nobody listens. */
  unwatched: 250,
  /** Between looks at a quiet run whose logs cannot be watched. */
  pollLive: 100,
  pollUnwatched: 1000,
};

export interface TrackedRunParts {
  index: ChunkIndex;
  limit: LogLimit;
  watchLogs: WatchLogs;
  now: () => number;
  /** The index could not be written; it is tried again when there is more. */
  onFailure: (logs: RunLogs, error: unknown) => void;
}

/**
 * Observes the logs of one live run. While they are quiet a watcher waits, and costs nothing; the first hint replaces
 * it by a timer, so that a flood of writes is not a flood of events, and when a look finds nothing new the watcher
 * comes back.
 */
export class TrackedRun {
  readonly logs: RunLogs;
  readonly #parts: TrackedRunParts;
  readonly #observed: Observed;
  readonly #listeners = new Set<GrowthListener>();
  #timer: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  #delay = delays.live;

  constructor(logs: RunLogs, parts: TrackedRunParts) {
    this.logs = logs;
    this.#parts = parts;
    const last = parts.index.last(logs.run);
    this.#observed = { sizes: streamSizes(last), time: last?.time ?? 0 };
    this.#lookIn(delays.first);
  }

  get sizes(): Readonly<Record<Stream, number>> {
    return this.#observed.sizes;
  }

  /** Milliseconds since the epoch; 0 when there was none. */
  get lastGrowth(): number {
    return this.#observed.time;
  }

  /**
   * Brings the index up to date.
   * @returns whether there was more
   * @throws what the index throws: nothing has changed then
   */
  observe(): boolean {
    const { index, limit, now } = this.#parts;
    const rows = findGrowth(this.logs, this.#observed, now());
    if (rows.length === 0) return false;
    index.append(this.logs.run, rows);
    for (const row of rows) {
      this.#observed.sizes[row.stream] = row.offset + row.length;
      this.#observed.time = row.time;
    }
    limit.enforce(this.logs, this.sizes);
    for (const listener of this.#listeners) listener(false);
    return true;
  }

  listen(listener: GrowthListener): () => void {
    this.#listeners.add(listener);
    this.#delay = delays.live;
    if (this.#timer) this.#lookIn(delays.live);
    return () => this.#listeners.delete(listener);
  }

  /** Observes no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  tellFinished(): void {
    for (const listener of this.#listeners) listener(true);
  }

  #lookIn(milliseconds: number): void {
    this.stop();
    this.#timer = setTimeout(() => this.#look(), milliseconds);
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#hasGrown()) this.#lookAgain();
    else this.#rest();
  }

  #lookAgain(): void {
    this.#lookIn(this.#delay);
    this.#delay = this.#listeners.size > 0 ? delays.live : Math.min(this.#delay * 2, delays.unwatched);
  }

  #rest(): void {
    this.#delay = delays.live;
    this.#unwatch = this.#parts.watchLogs(this.logs, () => this.#onHint());
    if (!this.#unwatch) return this.#lookIn(this.#listeners.size > 0 ? delays.pollLive : delays.pollUnwatched);
    // Between the last look and the watcher's first moment something may have been written.
    if (this.#hasGrown()) this.#lookAgain();
  }

  #onHint(): void {
    if (!this.#unwatch) return;
    this.#hasGrown();
    this.#lookAgain();
  }

  #hasGrown(): boolean {
    try {
      return this.observe();
    } catch (error) {
      this.#parts.onFailure(this.logs, error);
      return false;
    }
  }
}
