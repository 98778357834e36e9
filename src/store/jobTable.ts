import type { SQLInputValue } from 'node:sqlite';
import type { StartOptions } from '../api/options.ts';
import { isEnded, jobStatuses, type EndReason, type JobStatus } from '../api/values.ts';
import { Table } from './database.ts';
import { conditions, nameOfJob, placeholders, sortKeys, type JobFilter, type Sort } from './jobFilter.ts';

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

  /** Without tasks, newest first. */
  byName(name: string, statuses: readonly JobStatus[], limit: number): RawJobRow[] {
    const query = `SELECT * FROM jobs INDEXED BY jobsByName WHERE ${nameOfJob} = ? AND ${nameOfJob} IS NOT NULL
      AND array IS NULL AND status IN (${placeholders(statuses)}) ORDER BY row DESC LIMIT +?`;
    return this.all(query, name, ...statuses, limit);
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
  update(
    row: number,
    columns: Partial<JobMove & Pick<JobRow, 'session' | 'spec' | 'pinned'>>,
    from?: JobStatus,
  ): boolean {
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
   * In another order than that in which they were created.
   * @param now to which the durations of running jobs count, in milliseconds since the epoch
   * @param beyond the last job of the page before
   */
  listSorted(
    filter: JobFilter,
    { by, descending }: Sort,
    limit: number,
    now: number,
    beyond?: { key: string | number; row: number },
  ): (RawJobRow & { sortKey: string | number })[] {
    const { where, values } = conditions(filter, filter.array !== undefined);
    const [order, than] = descending ? ['DESC', '<'] : ['ASC', '>'];
    const key = sortKeys[by].replaceAll(':now', String(Math.round(now)));
    const page = beyond ? `WHERE (sortKey, row) ${than} (?, ?)` : '';
    const query = `SELECT * FROM (SELECT *, ${key} AS sortKey FROM jobs ${where}) ${page}
      ORDER BY sortKey ${order}, row ${order} LIMIT +?`;
    return this.all(query, ...values, ...(beyond ? [beyond.key, beyond.row] : []), limit);
  }

  /** Jobs that have ended, the last one first. @param beyond the last job of the page before */
  listEnded(
    { statuses = jobStatuses, ...filter }: Omit<JobFilter, 'array' | 'beyond'>,
    limit: number,
    beyond?: Pick<JobRow, 'finishedAt' | 'row'>,
  ): RawJobRow[] {
    const ended = { ...filter, statuses: statuses.filter(isEnded) };
    // The index cannot serve what is in no status.
    if (ended.statuses.length === 0) return [];
    const areFew = this.count({ statuses: ended.statuses }) <= fewJobs;
    const { where, values } = conditions(ended, areFew);
    const index = areFew ? 'jobsByStatus' : filter.session === undefined ? 'jobsByEnd' : 'jobsBySessionAndEnd';
    const page = beyond ? ' AND (finishedAt, row) < (?, ?)' : '';
    const query = `SELECT * FROM jobs INDEXED BY ${index} ${where} AND finishedAt IS NOT NULL${page}
      ORDER BY finishedAt DESC, row DESC LIMIT +?`;
    return this.all(query, ...values, ...(beyond ? [beyond.finishedAt, beyond.row] : []), limit);
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
    const { statuses = jobStatuses, session, ...further } = filter;
    if (Object.values(further).some((value) => value !== undefined))
      return this.#countRows(filter, filter.array !== undefined);
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

/** The stored part of a start request: everything but the caller's environment, which is only kept in memory. */
export type JobSpec = Omit<StartOptions, 'inheritEnv'>;

/** Values that older records lack. */
const sinceSchemaTwo = {
  dependsOn: [],
  ifDependencyFails: 'cancel',
  afterReboot: 'keep',
  ifMissed: 'once',
  ifOverlap: 'skip',
  unlessRunning: false,
  limits: {},
  whenFull: 'drop',
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
