import type { Stream } from '../api/output.ts';

/** What one look at a log found to have grown. The text stays in the log. */
export interface ChunkRow {
  /** The position behind the last byte: both streams together, in the order in which they were seen. */
  seq: number;
  /** Milliseconds since the epoch. */
  time: number;
  stream: Stream;
  /** Of the first byte, in the stream's log. */
  offset: number;
  /** In bytes. */
  length: number;
}

/**
 * Which bytes were seen when, by run. The rows of a run leave no gap: each begins, in `seq` and in its stream's
 * `offset`, where the one before ended.
 */
export interface ChunkIndex {
  append(run: number, rows: readonly ChunkRow[]): void;
  /** The rows that end behind `seq`, the first `limit` of them. The first one may begin before `seq`. */
  after(run: number, seq: number, limit: number): ChunkRow[];
  /** The rows that end before `seq`, the last first. */
  before(run: number, seq: number, limit: number): ChunkRow[];
  last(run: number): ChunkRow | undefined;
  /** The row that holds the byte at `offset` of a stream; undefined when that byte is not there yet. */
  covering(run: number, stream: Stream, offset: number): ChunkRow | undefined;
  remove(run: number): void;
}

/** How many bytes of each stream the index knows. */
export function streamSizes(last: ChunkRow | undefined): Record<Stream, number> {
  if (!last) return { stdout: 0, stderr: 0 };
  const size = last.offset + last.length;
  return last.stream === 'stdout'
    ? { stdout: size, stderr: last.seq - size }
    : { stdout: last.seq - size, stderr: size };
}
