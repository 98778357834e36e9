import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { StartOptions } from '../api/options.ts';
import type { EndReason, JobStatus } from '../api/values.ts';
import { statementsOf, updateRow, type Statements } from './database.ts';

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
  /** When it starts or is retried; for a schedule, its next time. */
  dueAt: number | null;
  /** The number of the run before the first of the current attempts. */
  series: number;
  /** It has failed and no attempt is left. */
  gaveUp: boolean;
  /** Its position in the queue, if it was moved. */
  queueKey: number | null;
  /** The id of the job whose cron created it. */
  schedule: string | null;
  finishedAt: number | null;
  /** Why it was cancelled; how a run ended is in the run. */
  reason: EndReason | null;
  reasonText: string | null;
}

/** The columns that a change of status may set. */
export type JobMove = Pick<
  JobRow,
  'status' | 'run' | 'queuedAt' | 'dueAt' | 'series' | 'gaveUp' | 'queueKey' | 'finishedAt' | 'reason' | 'reasonText'
>;

/** As SQLite returns it: `spec` is text that may be damaged, `pinned` and `gaveUp` are 0 or 1. */
export interface RawJobRow extends Omit<JobRow, 'spec' | 'pinned' | 'gaveUp'> {
  spec: string;
  pinned: number;
  gaveUp: number;
}

/** The initial values of a job. */
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

type NewJob = Pick<JobRow, 'id' | 'session' | 'status' | 'spec' | 'createdAt' | 'dueAt' | 'schedule'>;

export interface JobFilter {
  statuses?: readonly JobStatus[];
  session?: string;
  /** The key alone, or with the value that it must have. */
  tag?: { key: string; value?: string };
  /** The id of the job that created it, or a prefix of the id. */
  schedule?: string;
  /** Rows below this one: the cursor of a page. */
  before?: number;
}

/** Queries on the table `jobs`, without any decision. Callers: `Store`, which also records events, and the doctor. */
export class JobTable {
  readonly #sql: Statements;

  constructor(database: DatabaseSync) {
    this.#sql = statementsOf(database);
  }

  byId(id: string): RawJobRow | undefined {
    return this.#sql('SELECT * FROM jobs WHERE id = ?').get(id) as unknown as RawJobRow | undefined;
  }

  byRow(row: number): RawJobRow | undefined {
    return this.#sql('SELECT * FROM jobs WHERE row = ?').get(row) as unknown as RawJobRow | undefined;
  }

  /** At most `limit` jobs whose id begins with `prefix`. */
  byPrefix(prefix: string, limit: number): RawJobRow[] {
    // A range, so that the unique index is used: ids are lower-case hexadecimal digits and dashes.
    const query = "SELECT * FROM jobs WHERE id >= ? AND id < ? || 'g' ORDER BY id LIMIT +?";
    return this.#sql(query).all(prefix, prefix, limit) as unknown as RawJobRow[];
  }

  byIdempotencyKey(key: string): RawJobRow | undefined {
    return this.#sql('SELECT * FROM jobs WHERE idempotencyKey = ?').get(key) as unknown as RawJobRow | undefined;
  }

  /** @returns the number of the new row */
  insert({ id, session, status, spec, createdAt, dueAt, schedule }: NewJob): number {
    const result = this.#sql(
      `INSERT INTO jobs (id, session, status, idempotencyKey, spec, createdAt, queuedAt, dueAt, schedule)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      id,
      session,
      status,
      spec.idempotencyKey ?? null,
      JSON.stringify(spec),
      createdAt,
      createdAt,
      dueAt,
      schedule,
    );
    return Number(result.lastInsertRowid);
  }

  /** Compares and sets if `from` is given. @returns false if the stored status is not `from` any more */
  update(row: number, columns: Partial<JobMove & Pick<JobRow, 'spec' | 'pinned'>>, from?: JobStatus): boolean {
    return updateRow(this.#sql, 'jobs', row, columns, from);
  }

  /** The number of jobs of a schedule that have not ended. */
  countUnfinished(schedule: string, ended: readonly JobStatus[]): number {
    const none = ended.map(() => '?').join(', ');
    const query = `SELECT count(*) AS total FROM jobs WHERE schedule = ? AND status NOT IN (${none})`;
    return (this.#sql(query).get(schedule, ...ended) as { total: number }).total;
  }

  /** Compares and removes. @returns false if the stored job has changed since `job` was read */
  remove({ row, status, run, pinned }: Pick<JobRow, 'row' | 'status' | 'run'> & { pinned: boolean | number }): boolean {
    const query = 'DELETE FROM jobs WHERE row = ? AND status = ? AND run IS ? AND pinned = ?';
    return this.#sql(query).run(row, status, run, Number(pinned)).changes === 1;
  }

  /** Moves a record that cannot be read to the table `damaged`. @param now milliseconds since the epoch */
  setAside(raw: RawJobRow, message: string, now: number): void {
    const insert = 'INSERT INTO damaged (id, message, record, foundAt) VALUES (?, ?, ?, ?)';
    this.#sql(insert).run(raw.id, message, JSON.stringify(raw), now);
    this.remove(raw);
  }

  /** The number of records that were set aside. */
  countDamaged(): number {
    return (this.#sql('SELECT count(*) AS total FROM damaged').get() as { total: number }).total;
  }

  /** Newest first. */
  list(filter: JobFilter, limit: number): RawJobRow[] {
    const { where, values } = conditions(filter);
    const query = `SELECT * FROM jobs ${where} ORDER BY row DESC LIMIT +?`;
    return this.#sql(query).all(...values, limit) as unknown as RawJobRow[];
  }

  /**
   * The jobs that may be cleaned up, newest first: not pinned, older than the newest `keep`, finished at or before
   * `finishedBefore` (milliseconds since the epoch).
   */
  listRemovable(filter: JobFilter, keep: number, finishedBefore: number): RawJobRow[] {
    const { where, values } = conditions(filter);
    return this.#sql(
      `SELECT * FROM jobs WHERE row IN
        (SELECT row FROM (SELECT row, finishedAt FROM jobs ${where} AND pinned = 0 ORDER BY row DESC LIMIT -1 OFFSET +?)
         WHERE finishedAt <= ?)
       ORDER BY row DESC`,
    ).all(...values, keep, finishedBefore) as unknown as RawJobRow[];
  }

  count(filter: JobFilter): number {
    const { where, values } = conditions(filter);
    const found = this.#sql(`SELECT count(*) AS total FROM jobs ${where}`).get(...values);
    return (found as { total: number }).total;
  }

  countByStatusAndSession(): { status: JobStatus; session: string; total: number }[] {
    const query = 'SELECT status, session, count(*) AS total FROM jobs GROUP BY session, status';
    return this.#sql(query).all() as unknown as { status: JobStatus; session: string; total: number }[];
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

/** The stored part of a start request: everything but the caller's environment, which is only kept in memory. */
export type JobSpec = Omit<StartOptions, 'inheritEnv'>;

/** Values that older records lack. */
const sinceSchemaTwo = {
  dependsOn: [],
  ifDependencyFails: 'cancel',
  ifMissed: 'once',
  ifOverlap: 'skip',
  unlessRunning: false,
  limits: {},
} as const;

/** @returns undefined if the record is damaged */
export function parseSpec(text: string): JobSpec | undefined {
  try {
    const spec = JSON.parse(text) as JobSpec | null;
    return typeof spec?.cwd === 'string' ? { ...sinceSchemaTwo, ...spec } : undefined;
  } catch {
    return undefined;
  }
}
