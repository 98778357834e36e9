import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { EndReason, JobStatus } from '../api/values.ts';
import type { JobSpec } from './jobSpec.ts';

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
  /** When it is started or tried again; of a schedule, its next time. */
  dueAt: number | null;
  /** The number of the run before the first of the current attempts. */
  series: number;
  /** It failed, and no attempt is left. */
  gaveUp: boolean;
  /** Its place in the queue, where somebody has moved it. */
  queueKey: number | null;
  /** The id of the job whose cron has made it. */
  schedule: string | null;
  finishedAt: number | null;
  /** Why it was cancelled; of an end after it ran, the run tells. */
  reason: EndReason | null;
  reasonText: string | null;
}

/** What a change of status writes. */
export type JobMove = Pick<
  JobRow,
  'status' | 'run' | 'queuedAt' | 'dueAt' | 'series' | 'gaveUp' | 'queueKey' | 'finishedAt' | 'reason' | 'reasonText'
>;

/** As SQLite has it: `spec` is text that may be damaged, `pinned` and `gaveUp` 0 or 1. */
export interface RawJobRow extends Omit<JobRow, 'spec' | 'pinned' | 'gaveUp'> {
  spec: string;
  pinned: number;
  gaveUp: number;
}

/** What every job begins with. */
export const freshJob = {
  pinned: false,
  run: null,
  series: 0,
  gaveUp: false,
  queueKey: null,
  finishedAt: null,
  reason: null,
  reasonText: null,
} as const;

export type NewJob = Pick<JobRow, 'id' | 'session' | 'status' | 'spec' | 'createdAt' | 'dueAt' | 'schedule'>;

export interface JobFilter {
  statuses?: readonly JobStatus[];
  session?: string;
  /** `key` alone, or with the value it must have. */
  tag?: { key: string; value?: string };
  /** The id of the job that has made it, or how that begins. */
  schedule?: string;
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
  readonly #setPlace;
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
      `INSERT INTO jobs (id, session, status, idempotencyKey, spec, createdAt, queuedAt, dueAt, schedule)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#setStatus = database.prepare(
      `UPDATE jobs SET status = ?, run = ?, queuedAt = ?, dueAt = ?, series = ?, gaveUp = ?, queueKey = ?, finishedAt = ?,
       reason = ?, reasonText = ? WHERE row = ? AND status = ?`,
    );
    this.#setPlace = database.prepare('UPDATE jobs SET spec = ?, queueKey = ?, dueAt = ? WHERE row = ? AND status = ?');
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
  insert(job: NewJob): number {
    const key = job.spec.idempotencyKey ?? null;
    const spec = JSON.stringify(job.spec);
    const { id, session, status, createdAt, dueAt, schedule } = job;
    const result = this.#insert.run(id, session, status, key, spec, createdAt, createdAt, dueAt, schedule);
    return Number(result.lastInsertRowid);
  }

  /** Compare and set. @returns false when the stored status is not `from` any more */
  setStatus(row: number, from: JobStatus, move: JobMove): boolean {
    const { status, run, queuedAt, dueAt, series, queueKey, finishedAt, reason, reasonText } = move;
    const gaveUp = move.gaveUp ? 1 : 0;
    const values = [status, run, queuedAt, dueAt, series, gaveUp, queueKey, finishedAt, reason, reasonText];
    return this.#setStatus.run(...values, row, from).changes === 1;
  }

  /** What may be changed of a job that waits. Compare and set. @returns false when its status is another one by now */
  setPlace({ row, status, spec, queueKey, dueAt }: JobRow): boolean {
    return this.#setPlace.run(JSON.stringify(spec), queueKey, dueAt, row, status).changes === 1;
  }

  /** How many jobs that the schedule has made have not ended. */
  countUnfinished(schedule: string, ended: readonly JobStatus[]): number {
    const none = ended.map(() => '?').join(', ');
    const found = this.#database
      .prepare(`SELECT count(*) AS total FROM jobs WHERE schedule = ? AND status NOT IN (${none})`)
      .get(schedule, ...ended);
    return (found as { total: number }).total;
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
  if (filter.schedule !== undefined) {
    parts.push("schedule >= ? AND schedule < ? || 'g'");
    values.push(filter.schedule, filter.schedule);
  }
  if (filter.before !== undefined) {
    parts.push('row < ?');
    values.push(filter.before);
  }
  return { where: parts.length ? `WHERE ${parts.join(' AND ')}` : '', values };
}
