import type { Stream } from '../api/output.ts';
import { Table } from './database.ts';

export const bothStreams = ['stdout', 'stderr'] as const satisfies readonly Stream[];

/** The growth of a log between two polls. The text stays in the log. */
export interface ChunkRow {
  /** The position after the last byte: both streams together, in the order in which they were seen. */
  seq: number;
  /** Milliseconds since the epoch. */
  time: number;
  stream: Stream;
  /** The position of the first byte in the stream's log. */
  offset: number;
  /** In bytes. */
  length: number;
}

const columns = 'seq, time, stream, offset, length';

type RawChunkRow = Omit<ChunkRow, 'stream'> & { stream: 0 | 1 };

/**
 * The table `chunks`: which bytes were seen when, by run. The rows of a run leave no gap: each begins, in `seq` and in its
 * stream's `offset`, where the one before ended.
 */
export class ChunkIndex extends Table {
  append(run: number, rows: readonly ChunkRow[]): void {
    for (const { seq, time, stream, offset, length } of rows) {
      const insert = `INSERT INTO chunks (run, ${columns}) VALUES (?, ?, ?, ?, ?, ?)`;
      this.run(insert, run, seq, time, bothStreams.indexOf(stream), offset, length);
    }
  }

  /** The first `limit` rows that end after `seq`. The first one may begin before `seq`. */
  after(run: number, seq: number, limit: number): ChunkRow[] {
    const query = `SELECT ${columns} FROM chunks WHERE run = ? AND seq > ? ORDER BY seq LIMIT +?`;
    return this.all<RawChunkRow>(query, run, seq, limit).map(toChunkRow);
  }

  /** The last `limit` rows that end before `seq`, the last one first. */
  before(run: number, seq: number, limit: number): ChunkRow[] {
    const query = `SELECT ${columns} FROM chunks WHERE run = ? AND seq < ? ORDER BY seq DESC LIMIT +?`;
    return this.all<RawChunkRow>(query, run, seq, limit).map(toChunkRow);
  }

  last(run: number): ChunkRow | undefined {
    return this.before(run, Number.MAX_SAFE_INTEGER, 1)[0];
  }

  /** The row that contains the byte at `offset` of a stream; undefined if that byte does not exist yet. */
  covering(run: number, stream: Stream, offset: number): ChunkRow | undefined {
    // A byte's seq is greater than its offset, so the search can begin at the offset instead of at the first row.
    const query = `SELECT ${columns} FROM chunks
      WHERE run = ?1 AND seq > ?3 AND stream = ?2 AND offset + length > ?3 ORDER BY seq LIMIT 1`;
    const row = this.get<RawChunkRow>(query, run, bothStreams.indexOf(stream), offset);
    return row && toChunkRow(row);
  }

  remove(run: number): void {
    this.run('DELETE FROM chunks WHERE run = ?', run);
  }
}

/** The number of bytes of each stream in the index. */
export function streamSizes(last: ChunkRow | undefined): Record<Stream, number> {
  if (!last) return { stdout: 0, stderr: 0 };
  const size = last.offset + last.length;
  return last.stream === 'stdout'
    ? { stdout: size, stderr: last.seq - size }
    : { stdout: last.seq - size, stderr: size };
}

function toChunkRow({ seq, time, stream, offset, length }: RawChunkRow): ChunkRow {
  return { seq, time, stream: bothStreams[stream], offset, length };
}
