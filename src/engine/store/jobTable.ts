import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { EndReason, JobStatus } from '../../protocol/states.ts';
import type { JobSpec } from '../jobSpec.ts';

/** A job as it is stored. Times are milliseconds since the epoch. */
export interface JobRow {
  row: number;
  id: string;
  session: string;
  status: JobStatus;
  pinned: boolean;
  spec: JobSpec;
  /** The number of the current run; null before the first. */
  run: number | null;
  createdAt: number;
  queuedAt: number;
  finishedAt: number | null;
  /** Why it was cancelled; of an end after it ran, the run tells. */
  reason: EndReason | null;
  reasonText: string | null;
}

/** What a change of status writes. */
export type JobMove = Pick<JobRow, 'status' | 'run' | 'queuedAt' | 'finishedAt' | 'reason' | 'reasonText'>;

/** As SQLite has it: `spec` is text that may be damaged, `pinned` 0 or 1. */
export interface RawJobRow extends Omit<JobRow, 'spec' | 'pinned'> {
  spec: string;
  pinned: number;
}

export interface JobFilter {
  statuses?: readonly JobStatus[];
  session?: string;
  /** `key` alone, or with the value it must have. */
  tag?: { key: string; value?: string };
  /** Rows below this one: the cursor of a page. */
  before?: number;
}

/** Queries on the table `jobs`. Nothing here decides anything. */
export class JobTable {
  readonly #database: DatabaseSync;
  readonly #byId;
  readonly #byRow;
  readonly #byPrefix;
  readonly #byKey;
  readonly #insert;
  readonly #setStatus;
  readonly #setPinned;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#byId = database.prepare('SELECT * FROM jobs WHERE id = ?');
    this.#byRow = database.prepare('SELECT * FROM jobs WHERE row = ?');
    // A range, so that the unique index is used: ids are lower-case hexadecimal digits and dashes. +?: SQLite looks at a
    // bare limit while it plans, and so compiles the statement anew each time one is bound.
    this.#byPrefix = database.prepare("SELECT * FROM jobs WHERE id >= ? AND id < ? || 'g' ORDER BY id LIMIT +?");
    this.#byKey = database.prepare('SELECT * FROM jobs WHERE idempotencyKey = ?');
    this.#insert = database.prepare(
      'INSERT INTO jobs (id, session, status, idempotencyKey, spec, createdAt, queuedAt) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#setStatus = database.prepare(
      `UPDATE jobs SET status = ?, run = ?, queuedAt = ?, finishedAt = ?, reason = ?, reasonText = ?
       WHERE row = ? AND status = ?`,
    );
    this.#setPinned = database.prepare('UPDATE jobs SET pinned = ? WHERE row = ?');
    this.#remove = database.prepare('DELETE FROM jobs WHERE row = ? AND status = ? AND run IS ? AND pinned = ?');
  }

  byId(id: string): RawJobRow | undefined {
    return this.#byId.get(id) as unknown as RawJobRow | undefined;
  }

  byRow(row: number): RawJobRow | undefined {
    return this.#byRow.get(row) as unknown as RawJobRow | undefined;
  }

  /** At most `limit` jobs whose id begins with `prefix`. */
  byPrefix(prefix: string, limit: number): RawJobRow[] {
    return this.#byPrefix.all(prefix, prefix, limit) as unknown as RawJobRow[];
  }

  byIdempotencyKey(key: string): RawJobRow | undefined {
    return this.#byKey.get(key) as unknown as RawJobRow | undefined;
  }

  /** @returns the new row's number */
  insert(job: { id: string; session: string; status: JobStatus; spec: JobSpec; createdAt: number }): number {
    const key = job.spec.idempotencyKey ?? null;
    const spec = JSON.stringify(job.spec);
    const result = this.#insert.run(job.id, job.session, job.status, key, spec, job.createdAt, job.createdAt);
    return Number(result.lastInsertRowid);
  }

  /** Compare and set. @returns false when the stored status is not `from` any more */
  setStatus(row: number, from: JobStatus, { status, run, queuedAt, finishedAt, reason, reasonText }: JobMove): boolean {
    return this.#setStatus.run(status, run, queuedAt, finishedAt, reason, reasonText, row, from).changes === 1;
  }

  setPinned(row: number, pinned: boolean): void {
    this.#setPinned.run(pinned ? 1 : 0, row);
  }

  /** Compare and remove. @returns false when the stored job is not the one given any more */
  remove({ row, status, run, pinned }: Pick<JobRow, 'row' | 'status' | 'run'> & { pinned: boolean | number }): boolean {
    return this.#remove.run(row, status, run, Number(pinned)).changes === 1;
  }

  /** Newest first. */
  list(filter: JobFilter, limit: number): RawJobRow[] {
    const { where, values } = conditions(filter);
    return this.#database
      .prepare(`SELECT * FROM jobs ${where} ORDER BY row DESC LIMIT ?`)
      .all(...values, limit) as unknown as RawJobRow[];
  }

  /**
   * What may be cleaned up, newest first: not pinned, behind the newest `keep`, finished at or before `finishedBefore`
   * (milliseconds since the epoch).
   */
  listRemovable(filter: JobFilter, keep: number, finishedBefore: number): RawJobRow[] {
    const { where, values } = conditions(filter);
    return this.#database
      .prepare(
        `SELECT * FROM jobs WHERE row IN
          (SELECT row FROM (SELECT row, finishedAt FROM jobs ${where} AND pinned = 0 ORDER BY row DESC LIMIT -1 OFFSET ?)
           WHERE finishedAt <= ?)
         ORDER BY row DESC`,
      )
      .all(...values, keep, finishedBefore) as unknown as RawJobRow[];
  }

  count(filter: JobFilter): number {
    const { where, values } = conditions(filter);
    const found = this.#database.prepare(`SELECT count(*) AS total FROM jobs ${where}`).get(...values);
    return (found as { total: number }).total;
  }

  countByStatusAndSession(): { status: JobStatus; session: string; total: number }[] {
    return this.#database
      .prepare('SELECT status, session, count(*) AS total FROM jobs GROUP BY session, status')
      .all() as unknown as { status: JobStatus; session: string; total: number }[];
  }
}

function conditions(filter: JobFilter): { where: string; values: SQLInputValue[] } {
  const parts: string[] = [];
  const values: SQLInputValue[] = [];
  if (filter.statuses) {
    parts.push(`status IN (${filter.statuses.map(() => '?').join(', ')})`);
    values.push(...filter.statuses);
  }
  if (filter.session !== undefined) {
    parts.push('session = ?');
    values.push(filter.session);
  }
  if (filter.tag) {
    const { key, value } = filter.tag;
    // json_each: a damaged spec must not fail the whole query.
    const match = value === undefined ? '' : ' AND tag.value = ?';
    parts.push(
      `json_valid(spec) AND EXISTS (SELECT 1 FROM json_each(spec, '$.tags') AS tag WHERE tag.key = ?${match})`,
    );
    values.push(key, ...(value === undefined ? [] : [value]));
  }
  if (filter.before !== undefined) {
    parts.push('row < ?');
    values.push(filter.before);
  }
  return { where: parts.length ? `WHERE ${parts.join(' AND ')}` : '', values };
}
