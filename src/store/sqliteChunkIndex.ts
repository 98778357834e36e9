import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Stream } from '../api/output.ts';
import type { ChunkIndex, ChunkRow } from './chunkIndex.ts';

/** Small on purpose, about 20 bytes a row: a talkative job adds up to fifty rows a second. */
export const createChunksTable = `
CREATE TABLE chunks (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  time INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  PRIMARY KEY (run, seq)
) WITHOUT ROWID`;

const streams = ['stdout', 'stderr'] as const satisfies readonly Stream[];
const columns = 'seq, time, stream, offset, length';

export class SqliteChunkIndex implements ChunkIndex {
  readonly #append: StatementSync;
  readonly #after: StatementSync;
  readonly #before: StatementSync;
  readonly #covering: StatementSync;
  readonly #remove: StatementSync;

  /** @param database has the table of {@link createChunksTable} */
  constructor(database: DatabaseSync) {
    this.#append = database.prepare(`INSERT INTO chunks (run, ${columns}) VALUES (?, ?, ?, ?, ?, ?)`);
    // +?: SQLite looks at a bare limit while it plans, and so compiles the statement anew each time one is bound.
    this.#after = database.prepare(`SELECT ${columns} FROM chunks WHERE run = ? AND seq > ? ORDER BY seq LIMIT +?`);
    this.#before = database.prepare(
      `SELECT ${columns} FROM chunks WHERE run = ? AND seq < ? ORDER BY seq DESC LIMIT +?`,
    );
    // A byte's seq is greater than its offset, so the search can begin at the offset instead of at the first row.
    this.#covering = database.prepare(
      `SELECT ${columns} FROM chunks WHERE run = ?1 AND seq > ?3 AND stream = ?2 AND offset + length > ?3
       ORDER BY seq LIMIT 1`,
    );
    this.#remove = database.prepare('DELETE FROM chunks WHERE run = ?');
  }

  append(run: number, rows: readonly ChunkRow[]): void {
    for (const row of rows) {
      this.#append.run(run, row.seq, row.time, streams.indexOf(row.stream), row.offset, row.length);
    }
  }

  after(run: number, seq: number, limit: number): ChunkRow[] {
    return this.#after.all(run, seq, limit).map(toRow);
  }

  before(run: number, seq: number, limit: number): ChunkRow[] {
    return this.#before.all(run, seq, limit).map(toRow);
  }

  last(run: number): ChunkRow | undefined {
    return this.before(run, Number.MAX_SAFE_INTEGER, 1)[0];
  }

  covering(run: number, stream: Stream, offset: number): ChunkRow | undefined {
    const row = this.#covering.get(run, streams.indexOf(stream), offset);
    return row && toRow(row);
  }

  remove(run: number): void {
    this.#remove.run(run);
  }
}

function toRow(row: Record<string, unknown>): ChunkRow {
  const { seq, time, stream, offset, length } = row as Record<keyof ChunkRow, number>;
  return { seq, time, stream: stream === 0 ? 'stdout' : 'stderr', offset, length };
}
