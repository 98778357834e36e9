import { statSync } from 'node:fs';
import type { Stream } from '../../api/output.ts';
import type { ChunkRow } from '../../store/chunkIndex.ts';
import { bothStreams, type RunLogs } from './runLogs.ts';

/** What is known of a run's output. */
export interface Observed {
  sizes: Record<Stream, number>;
  /** Of the last row, in milliseconds since the epoch; 0 when there is none. */
  time: number;
}

/**
 * The rows for what the logs have grown since, at most one per stream. When both have grown, the one that was written
 * to last comes last: that is all a look tells of the order.
 * A row's time is that of the last write, so it is right also when nobody looked for a while; it never goes back.
 * A log that is missing or shorter than before has not grown.
 */
export function findGrowth(logs: RunLogs, { sizes, time }: Observed, now: number): ChunkRow[] {
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
