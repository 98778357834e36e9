import type { SQLInputValue } from 'node:sqlite';
import type { StartOptions } from '../api/options.ts';
import { isEnded, jobStatuses, type EndReason, type JobStatus } from '../api/values.ts';
import { Table } from './database.ts';

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
  /** Of an array: when its first task started. Others have it in their runs. */
  startedAt: number | null;
  /** Of a task. */
  task: Task | null;
}

/** What makes a job the task of an array. */
export interface Task {
  number: number;
  /** Null where the array was given as numbers. */
  item: string | null;
  /** The id of the array, and its row. */
  array: string;
  row: number;
  /** How many tasks of the array run at once; null: no limit of its own. */
  maxRunning: number | null;
}

export type JobMove = Pick<
  JobRow,
  | 'status'
  | 'run'
  | 'queuedAt'
  | 'dueAt'
  | 'series'
  | 'gaveUp'
  | 'queueKey'
  | 'finishedAt'
  | 'reason'
  | 'reasonText'
  | 'startedAt'
>;

/** As SQLite returns it: `spec` is text that may be damaged, `pinned` and `gaveUp` are 0 or 1. */
export interface RawJobRow extends Omit<JobRow, 'spec' | 'pinned' | 'gaveUp' | 'task'> {
  /** Empty for a task. */
  spec: string;
  pinned: number;
  gaveUp: number;
  /** The row of the array that it is a task of, and its number and item there. */
  array: number | null;
  task: number | null;
  item: string | null;
}

export interface JobFilter {
  statuses?: readonly JobStatus[];
  session?: string;
  /** The key alone, or with the value that it must have. */
  tag?: { key: string; value?: string };
  /** The id of the job that created it, or a prefix of the id. */
  schedule?: string;
  /** The row of an array: its tasks, instead of all that are no tasks; 'any': both. */
  array?: number | 'any';
  /** Rows below this one, or for the tasks of an array above it: the cursor of a page. */
  beyond?: number;
}

/** Queries on the table `jobs`, without any decision. Callers: `Store`, which also records events, and the doctor. */
export class JobTable extends Table {
  byId(id: string): RawJobRow | undefined {
    return this.get('SELECT * FROM jobs WHERE id = ?', id);
  }

  byRow(row: number): RawJobRow | undefined {
    return this.get('SELECT * FROM jobs WHERE row = ?', row);
  }

  /** Tasks only where nothing else begins so: their ids begin like that of their array. */
  byPrefix(prefix: string, limit: number): RawJobRow[] {
    // A range, so that the unique index is used: ids are lower-case hexadecimal digits and dashes.
    const query = (which: string): string =>
      `SELECT * FROM jobs WHERE id >= ? AND id < ? || 'g' AND ${which} ORDER BY id LIMIT +?`;
    const found = this.all<RawJobRow>(query('array IS NULL'), prefix, prefix, limit);
    return found.length > 0 ? found : this.all(query('array IS NOT NULL'), prefix, prefix, limit);
  }

  byIdempotencyKey(key: string): RawJobRow | undefined {
    return this.get('SELECT * FROM jobs WHERE idempotencyKey = ?', key);
  }

  insert(id: string, spec: JobSpec, job: Pick<JobRow, 'status' | 'createdAt' | 'dueAt' | 'schedule'>): JobRow {
    const { session, idempotencyKey = null, status, createdAt, dueAt, schedule } = { ...spec, ...job };
    const values = [id, session, status, idempotencyKey, JSON.stringify(spec), createdAt, createdAt, dueAt, schedule];
    const inserted = this.get<RawJobRow>(
      `INSERT INTO jobs (id, session, status, idempotencyKey, spec, createdAt, queuedAt, dueAt, schedule)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
      ...values,
    );
    const { array: _array, item: _item, ...row } = inserted!;
    for (const [key, value] of Object.entries(spec.tags)) {
      this.run('INSERT INTO jobTags (job, key, value) VALUES (?, ?, ?)', row.row, key, value);
    }
    return { ...row, spec, pinned: false, gaveUp: false, task: null };
  }

  /** Compares and sets if `from` is given. @returns false if the stored status is not `from` any more */
  update(row: number, columns: Partial<JobMove & Pick<JobRow, 'spec' | 'pinned'>>, from?: JobStatus): boolean {
    return this.set('jobs', row, columns, from);
  }

  countUnfinished(schedule: string): number {
    return this.#countRows({ statuses: unfinished, schedule }, true);
  }

  /** Compares and removes. @returns false if the stored job has changed since `job` was read */
  remove({ row, status, run, pinned }: Pick<JobRow, 'row' | 'status' | 'run'> & { pinned: boolean | number }): boolean {
    const query = 'DELETE FROM jobs WHERE row = ? AND status = ? AND run IS ? AND pinned = ?';
    return this.run(query, row, status, run, Number(pinned)) === 1;
  }

  /** Moves a record that cannot be read to the table `damaged`. @param now milliseconds since the epoch */
  setAside(raw: RawJobRow, message: string, now: number): void {
    const insert = 'INSERT INTO damaged (id, message, record, foundAt) VALUES (?, ?, ?, ?)';
    this.run(insert, raw.id, message, JSON.stringify(raw), now);
    this.remove(raw);
  }

  countDamaged(): number {
    return this.#total('damaged');
  }

  /** Newest first; the tasks of an array in their order. */
  list(filter: JobFilter, limit: number): RawJobRow[] {
    const { statuses, array } = filter;
    const areFew =
      array !== undefined || (statuses && (statuses.every(isUnfinished) || this.count({ statuses }) <= fewJobs));
    const { where, values } = conditions(filter, areFew);
    const order = typeof array === 'number' ? 'ASC' : 'DESC';
    return this.all(`SELECT * FROM jobs ${where} ORDER BY row ${order} LIMIT +?`, ...values, limit);
  }

  /**
   * The row of the newest job that may be cleaned up; 0 if there is none.
   * @param keep how many newer ones stay, without pinned ones
   * @param finishedBefore milliseconds since the epoch: a job that was created later cannot have finished by then
   */
  newestRemovable(filter: JobFilter, keep: number, finishedBefore: number | undefined): number {
    if (keep >= this.count(filter)) return 0;
    const { where, values } = conditions(filter);
    const query = `SELECT row FROM jobs ${where} AND pinned = 0 ORDER BY row DESC LIMIT 1 OFFSET +?`;
    const newest = this.get<JobRow>(query, ...values, keep)?.row ?? 0;
    if (finishedBefore === undefined) return newest;
    const later = this.get<JobRow>('SELECT row FROM jobs WHERE createdAt > ? ORDER BY row LIMIT 1', finishedBefore);
    return later ? Math.min(newest, later.row - 1) : newest;
  }

  /** The jobs that may be cleaned up, oldest first. @param rows after the first, up to the second */
  listRemovable(
    filter: JobFilter,
    rows: readonly [number, number],
    limit: number,
    finishedBefore = Number.MAX_SAFE_INTEGER,
  ): RawJobRow[] {
    const { where, values } = conditions(filter);
    const query = `SELECT * FROM jobs ${where} AND pinned = 0 AND row > ? AND row <= ? AND finishedAt <= ?
       ORDER BY row LIMIT +?`;
    return this.all(query, ...values, ...rows, finishedBefore, limit);
  }

  count(filter: JobFilter): number {
    const { statuses = jobStatuses, session, tag, schedule, array } = filter;
    if (tag || schedule !== undefined || array !== undefined) return this.#countRows(filter, array !== undefined);
    const ended = statuses.filter(isEnded);
    const ofSession = session === undefined ? [] : [session];
    const query = `SELECT total(total) AS total FROM endedJobs
      WHERE status IN (${placeholders(ended)})${session === undefined ? '' : ' AND session = ?'}`;
    const endedTotal = this.get<{ total: number }>(query, ...ended, ...ofSession)!.total;
    const others = statuses.filter(isUnfinished);
    return others.length === 0 ? endedTotal : endedTotal + this.#countRows({ ...filter, statuses: others }, true);
  }

  countByStatusAndSession(): { status: JobStatus; session: string; total: number }[] {
    const query = `SELECT status, session, total FROM endedJobs WHERE total > 0 UNION ALL
      SELECT status, session, count(*) FROM jobs WHERE status IN (${placeholders(unfinished)}) AND array IS NULL
      GROUP BY session, status`;
    return this.all(query, ...unfinished);
  }

  #countRows(filter: JobFilter, areFew: boolean): number {
    const { where, values } = conditions(filter, areFew);
    return this.#total(`jobs ${where}`, ...values);
  }

  #total(from: string, ...values: SQLInputValue[]): number {
    return this.get<{ total: number }>(`SELECT count(*) AS total FROM ${from}`, ...values)!.total;
  }
}

const isUnfinished = (status: JobStatus): boolean => !isEnded(status);
const unfinished = jobStatuses.filter(isUnfinished);

/** So many are sorted more quickly than they are found among many others. */
const fewJobs = 1000;

/**
 * SQLite does not know which statuses are rare. A plus keeps a column from being looked up in an index.
 * @param areFew find them by their status, instead of walking over all jobs of the session, or all there are, in order
 */
function conditions(
  { statuses, session, tag, schedule, array, beyond }: JobFilter,
  areFew = false,
): { where: string; values: SQLInputValue[] } {
  const parts: [sql: string, ...values: SQLInputValue[]][] = [];
  if (array === undefined) parts.push(['array IS NULL']);
  else if (array !== 'any') parts.push(['array = ?', array]);
  if (statuses) parts.push([`${areFew ? '' : '+'}status IN (${placeholders(statuses)})`, ...statuses]);
  if (session !== undefined) parts.push([`${areFew ? '+' : ''}session = ?`, session]);
  if (tag) {
    const query = 'row IN (SELECT job FROM jobTags WHERE key = ?';
    if (tag.value === undefined) parts.push([`${query})`, tag.key]);
    else parts.push([`${query} AND value = ?)`, tag.key, tag.value]);
    parts.push(['json_valid(spec)']);
  }
  if (schedule !== undefined) parts.push(["schedule >= ? AND schedule < ? || 'g'", schedule, schedule]);
  if (beyond !== undefined) parts.push([typeof array === 'number' ? 'row > ?' : 'row < ?', beyond]);
  const where = parts.map(([sql]) => sql).join(' AND ');
  return { where: where && `WHERE ${where}`, values: parts.flatMap(([, ...values]) => values) };
}

export function placeholders(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
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
