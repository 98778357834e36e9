import { statSync } from 'node:fs';
import { clock } from '../../store/clock.ts';
import type { Stream } from '../../api/output.ts';
import { bothStreams, type ChunkRow } from '../../store/chunkIndex.ts';
import type { RunLogs } from '../../store/runTable.ts';

export interface LogActions {
  /** A log has reached `maxLogBytes`, and `whenFull` is not drop. Called again at each growth. */
  full: (run: number, stream: Stream) => void;
  /** A run writes so fast that its logs may become too long. Called again and again. */
  flood: (run: number) => void;
  /** @param bytes how much a run has written since the last call for it */
  growth: (bytes: number) => void;
}

/** How many bytes the logs of runs have, without what was dropped. */
export function keptOf(runs: Iterable<{ logs: RunLogs; sizes: Readonly<Record<Stream, number>> }>) {
  return [...runs].flatMap(({ logs, sizes }) =>
    bothStreams.map((stream) => ({ logs, stream, bytes: sizes[stream] - logs.dropped[stream] })),
  );
}

/** The sizes of the logs; of one that is missing or shorter than before, the size before. */
export function sizesOf(logs: RunLogs, before: Readonly<Record<Stream, number>>): Record<Stream, number> {
  const size = (path: string | null): number =>
    path === null ? 0 : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  return { stdout: Math.max(size(logs.stdout), before.stdout), stderr: Math.max(size(logs.stderr), before.stderr) };
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

/** How long a log has been quiet, by a clock that nobody sets and that stands still while the machine sleeps. */
export class Quiet {
  #lookedAt = clock.awake();
  #writtenAt = -Infinity;

  /** @param ago when it was written to before, by the clock that may have been set (milliseconds); undefined: never */
  constructor(ago: number | undefined) {
    if (ago !== undefined) this.#writtenAt = this.#lookedAt - Math.max(0, ago);
  }

  /** In milliseconds; Infinity if it was never written to. */
  get ms(): number {
    return clock.awake() - this.#writtenAt;
  }

  /** @param ago as above; whatever that clock says, it was since the last look. Undefined: it has not grown */
  looked(ago: number | undefined): void {
    const before = this.#lookedAt;
    this.#lookedAt = clock.awake();
    if (ago !== undefined) this.#writtenAt = Math.min(Math.max(before, this.#lookedAt - ago), this.#lookedAt);
  }
}
