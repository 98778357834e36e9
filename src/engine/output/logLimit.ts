import { setTimeout as pause } from 'node:timers/promises';
import type { Stream } from '../../api/output.ts';
import type { PunchHole } from '../../disk/punchHole.ts';
import { isDiskFull } from '../../disk/space.ts';
import { bothStreams } from '../../store/chunkIndex.ts';
import type { RunLogs } from '../../store/runTable.ts';

/** Called when a run's index has grown; with `true`, once, when it has grown for the last time. */
export type GrowthListener = (finished: boolean) => void;

/** Reports growth of a run's output. The tracker does; a run that is not tracked no longer grows. */
export interface GrowthSource {
  /** Calls back at once, with `true`, for a run that is not tracked. @returns a function that ends it */
  onGrowth(run: number, listener: GrowthListener): () => void;
}

/** So much of each log is always kept (bytes). */
const leastKept = 65_536;
/** File systems give back whole blocks. */
const blockBytes = 4096;
/** What a log may take beyond twice its maxLogBytes, however fast its writer is (bytes). */
const slackBytes = 8_388_608;
/** A log is cut so long before, because the host may be late (bytes). */
const earlyBytes = 67_108_864;
/** No program writes faster to a file (bytes per millisecond). */
const fastest = 3_000_000;
/** On a busy machine the host may be so late (milliseconds). */
const lateMs = 50;
/** The shortest time between two looks at a log (milliseconds). */
const shortestLookMs = 2;
/** A log that has become a quarter too long is cut so much later, together with what has come meanwhile (milliseconds). */
const beforeCutMs = 2000;

/** A log and what it has, without what was dropped (bytes). */
interface KeptLog {
  logs: RunLogs;
  stream: Stream;
  bytes: number;
}

export interface LogLimitEvents {
  /** `logs.dropped` has changed: to be stored, so that no later reader takes the hole for output. */
  onDropped: (logs: RunLogs) => void;
  /** A log has reached maxLogBytes since it was last resumed, and whenFull is not drop. Called at each growth. */
  onFull: (logs: RunLogs, stream: Stream) => void;
  /** Once per run: its logs are kept whole from now on. */
  onUnlimited: (logs: RunLogs, error: unknown) => void;
}

/**
 * Keeps logs within maxLogBytes by dropping their oldest bytes. Truncating would lose an unknown number of bytes, because
 * the writer has the file open; so a hole is punched at its beginning. The newest maxLogBytes are kept, and up to
 * a quarter more, so that this is done rarely. A log may become twice as long for a moment: while it is cut its writer
 * waits, so the less is cut of a flood, the less it costs. What a writer adds until it is seen and cut comes on top.
 */
export class LogLimit {
  readonly #punch: PunchHole;
  readonly #events: LogLimitEvents;
  readonly #pauseMs: number;
  #isDisposed = false;
  /** The logs that are to be cut, by path, with the size that they have reached meanwhile. */
  readonly #busy = new Map<string, Cut>();
  /** Logs from which this object has dropped something. */
  readonly #punched = new Set<string>();
  /** The runs whose logs are being punched now, by the path of the log. */
  readonly #punching = new Map<string, number>();
  readonly #unlimited = new WeakSet<RunLogs>();

  constructor(punch: PunchHole, events: LogLimitEvents, pauseMs = beforeCutMs) {
    this.#pauseMs = pauseMs;
    this.#punch = punch;
    this.#events = events;
  }

  /** @param sizes of the logs now, in bytes */
  enforce(logs: RunLogs, sizes: Record<Stream, number>): void {
    for (const stream of bothStreams) this.#enforce(logs, stream, sizes[stream]);
  }

  /** How long nobody has to look at the sizes of the logs, in milliseconds: half of the time in which one may be too long. */
  nextLook(logs: RunLogs, sizes: Record<Stream, number>): number {
    if (this.#unlimited.has(logs)) return Infinity;
    const kept = bothStreams.map((stream) => sizes[stream] - Math.max(logs.dropped[stream], logs.resumedAt[stream]));
    const room = 2 * logs.maxLogBytes + slackBytes - Math.max(...kept);
    return Math.max(shortestLookMs, room / (2 * fastest));
  }

  /** Whether something has to be done about the logs at once. */
  isUrgent(logs: RunLogs, sizes: Record<Stream, number>): boolean {
    return bothStreams.some((stream) => isFull(logs, stream, sizes[stream]) || isUrgent(logs, stream, sizes[stream]));
  }

  /** Whether a run writes so fast that a look may come too late. @param speed in bytes per millisecond */
  isFlooded(logs: RunLogs, sizes: Record<Stream, number>, speed: number): boolean {
    const worst = Math.max(...bothStreams.map((stream) => excess(logs, stream, sizes[stream])));
    return !this.#unlimited.has(logs) && (worst > spareBytes(logs) || (worst > 0 && isTooFast(logs, speed)));
  }

  isPunching(run: number): boolean {
    return [...this.#punching.values()].includes(run);
  }

  /** The logs of a run, if they are being cut or will soon be. */
  logsOf(run: number): RunLogs | undefined {
    return [...this.#busy.values()].find(({ logs }) => logs.run === run)?.logs;
  }

  /** Cuts the largest of these logs, within their own limits or not, so that all of them have no more than `most` bytes. */
  cutLargest(kept: readonly KeptLog[], most: number): void {
    const sizes = kept.map(({ bytes }) => bytes);
    const level = Math.max(leastKept, levelFor(sizes, most));
    for (const { logs, stream, bytes } of kept) if (bytes > level) this.#cut(logs, stream, bytes - level);
  }

  /** Resolves when all logs that are known to be too long are cut, without pauses. To be called last. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    while (this.#busy.size > 0) {
      const cuts = [...this.#busy.values()];
      for (const { now } of cuts) now.abort();
      await Promise.all(cuts.map(({ done }) => done));
    }
  }

  #cut(logs: RunLogs, stream: Stream, bytes: number): void {
    const path = logs[stream];
    const dropped = wholeBlocks(logs.dropped[stream] + bytes);
    if (path === null || dropped <= logs.dropped[stream] || this.#busy.has(path) || this.#unlimited.has(logs)) return;
    const cut: Cut = { logs, size: 0, now: new AbortController(), done: Promise.resolve() };
    this.#busy.set(path, cut);
    cut.done = this.#drop(logs, stream, path, dropped).then(() => {
      this.#busy.delete(path);
      this.#enforce(logs, stream, cut.size);
    });
  }

  #enforce(logs: RunLogs, stream: Stream, size: number): void {
    const path = logs[stream];
    if (path === null) return;
    if (isFull(logs, stream, size)) this.#events.onFull(logs, stream);
    const busy = this.#busy.get(path);
    const isNow = this.#isDisposed || isUrgent(logs, stream, size);
    if (busy) {
      busy.size = size;
      if (isNow) busy.now.abort();
      return;
    }
    if (excess(logs, stream, size) <= leastCut(logs) || this.#unlimited.has(logs)) return;
    const cut: Cut = { logs, size, now: new AbortController(), done: Promise.resolve() };
    this.#busy.set(path, cut);
    if (isNow) cut.now.abort();
    cut.done = pause(this.#pauseMs, undefined, { signal: cut.now.signal })
      .catch(() => undefined)
      .then(() => this.#drop(logs, stream, path, logs.dropped[stream] + wholeBlocks(excess(logs, stream, cut.size))))
      .then(() => {
        this.#busy.delete(path);
        this.#enforce(logs, stream, cut.size);
      });
  }

  async #drop(logs: RunLogs, stream: Stream, path: string, bytes: number): Promise<void> {
    const before = logs.dropped[stream];
    const set = (dropped: number): void => {
      logs.dropped[stream] = dropped;
      this.#events.onDropped(logs);
    };
    try {
      // Announced to readers and to the store before it is done: a reader in between sees no hole, only fewer bytes.
      set(bytes);
      this.#punching.set(path, logs.run);
      await this.#punch(path, before, bytes, this.#punched.has(path)).catch((error: unknown) => {
        set(before);
        throw error;
      });
      this.#punched.add(path);
    } catch (error) {
      logs.dropped[stream] = before;
      // Cut later, when that can be recorded.
      if (this.#unlimited.has(logs) || isDiskFull(error)) return;
      this.#unlimited.add(logs);
      this.#events.onUnlimited(logs, error);
    } finally {
      this.#punching.delete(path);
    }
  }
}

interface Cut {
  logs: RunLogs;
  size: number;
  /** Ends the time before it. */
  now: AbortController;
  done: Promise<void>;
}

/** How many bytes may be dropped now. */
function excess({ maxLogBytes, whenFull, dropped, resumedAt }: RunLogs, stream: Stream, size: number): number {
  const oldest = size - maxLogBytes;
  return (whenFull === 'pause' ? Math.min(oldest, resumedAt[stream]) : oldest) - dropped[stream];
}

/** Dropping less is not worth it (bytes). */
function leastCut({ maxLogBytes }: RunLogs): number {
  return Math.max(maxLogBytes / 4, blockBytes);
}

function isUrgent(logs: RunLogs, stream: Stream, size: number): boolean {
  const { maxLogBytes } = logs;
  return excess(logs, stream, size) >= Math.max(maxLogBytes - earlyBytes, Math.min(maxLogBytes, slackBytes / 2));
}

/** What a log may have beyond its maxLogBytes. */
function spareBytes({ maxLogBytes }: RunLogs): number {
  return maxLogBytes + slackBytes;
}

/** Whether a look that comes late finds a log that is too long. @param speed in bytes per millisecond */
export function isTooFast(logs: RunLogs, speed: number): boolean {
  return speed * lateMs > spareBytes(logs);
}

function isFull({ maxLogBytes, whenFull, resumedAt }: RunLogs, stream: Stream, size: number): boolean {
  return whenFull !== 'drop' && size - resumedAt[stream] >= maxLogBytes;
}

/** How many bytes each log may keep so that all of them have no more than `most`: the large ones are cut to one size. */
function levelFor(kept: readonly number[], most: number): number {
  let left = most;
  for (const [index, bytes] of kept.toSorted((a, b) => a - b).entries()) {
    const share = left / (kept.length - index);
    if (bytes > share) return share;
    left -= bytes;
  }
  return Infinity;
}

function wholeBlocks(bytes: number): number {
  return Math.floor(bytes / blockBytes) * blockBytes;
}
