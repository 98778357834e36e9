import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { EventType } from '../api/events.ts';
import {
  defaultSettings,
  settings,
  storedSettings,
  type Settings,
  type SettingsUpdate,
  type StoredSettings,
} from '../api/host.ts';
import type { StartOptions } from '../api/options.ts';
import type { EndReason, JobStatus } from '../api/values.ts';
import { Table, transaction } from './database.ts';

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
export class JobTable extends Table {
  byId(id: string): RawJobRow | undefined {
    return this.get('SELECT * FROM jobs WHERE id = ?', id);
  }

  byRow(row: number): RawJobRow | undefined {
    return this.get('SELECT * FROM jobs WHERE row = ?', row);
  }

  byPrefix(prefix: string, limit: number): RawJobRow[] {
    // A range, so that the unique index is used: ids are lower-case hexadecimal digits and dashes.
    return this.all("SELECT * FROM jobs WHERE id >= ? AND id < ? || 'g' ORDER BY id LIMIT +?", prefix, prefix, limit);
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
    return { ...inserted!, spec, pinned: false, gaveUp: false };
  }

  /** Compares and sets if `from` is given. @returns false if the stored status is not `from` any more */
  update(row: number, columns: Partial<JobMove & Pick<JobRow, 'spec' | 'pinned'>>, from?: JobStatus): boolean {
    return this.set('jobs', row, columns, from);
  }

  countUnfinished(schedule: string, ended: readonly JobStatus[]): number {
    return this.#total(`jobs WHERE schedule = ? AND status NOT IN (${placeholders(ended)})`, schedule, ...ended);
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

  /** Newest first. */
  list(filter: JobFilter, limit: number): RawJobRow[] {
    const { where, values } = conditions(filter);
    return this.all(`SELECT * FROM jobs ${where} ORDER BY row DESC LIMIT +?`, ...values, limit);
  }

  /**
   * The jobs that may be cleaned up, newest first: not pinned, older than the newest `keep`, finished at or before
   * `finishedBefore` (milliseconds since the epoch).
   */
  listRemovable(filter: JobFilter, keep: number, finishedBefore: number): RawJobRow[] {
    const { where, values } = conditions(filter);
    const query = `SELECT * FROM jobs WHERE row IN
        (SELECT row FROM (SELECT row, finishedAt FROM jobs ${where} AND pinned = 0 ORDER BY row DESC LIMIT -1 OFFSET +?)
         WHERE finishedAt <= ?)
       ORDER BY row DESC`;
    return this.all(query, ...values, keep, finishedBefore);
  }

  count(filter: JobFilter): number {
    const { where, values } = conditions(filter);
    return this.#total(`jobs ${where}`, ...values);
  }

  countByStatusAndSession(): { status: JobStatus; session: string; total: number }[] {
    return this.all('SELECT status, session, count(*) AS total FROM jobs GROUP BY session, status');
  }

  #total(from: string, ...values: SQLInputValue[]): number {
    return this.get<{ total: number }>(`SELECT count(*) AS total FROM ${from}`, ...values)!.total;
  }
}

function conditions({ statuses, session, tag, schedule, before }: JobFilter): {
  where: string;
  values: SQLInputValue[];
} {
  const parts: [sql: string, ...values: SQLInputValue[]][] = [];
  if (statuses) parts.push([`status IN (${placeholders(statuses)})`, ...statuses]);
  if (session !== undefined) parts.push(['session = ?', session]);
  if (tag) {
    // json_each: a damaged spec must not fail the whole query.
    const query = "json_valid(spec) AND EXISTS (SELECT 1 FROM json_each(spec, '$.tags') AS tag WHERE tag.key = ?";
    if (tag.value === undefined) parts.push([`${query})`, tag.key]);
    else parts.push([`${query} AND tag.value = ?)`, tag.key, tag.value]);
  }
  if (schedule !== undefined) parts.push(["schedule >= ? AND schedule < ? || 'g'", schedule, schedule]);
  if (before !== undefined) parts.push(['row < ?', before]);
  const where = parts.map(([sql]) => sql).join(' AND ');
  return { where: where && `WHERE ${where}`, values: parts.flatMap(([, ...values]) => values) };
}

function placeholders(values: readonly unknown[]): string {
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

/** An event as it is stored. Time in milliseconds since the epoch. */
export interface EventRow {
  seq: number;
  time: number;
  type: EventType;
  jobId: string;
  run: number | null;
  session: string;
  fromStatus: JobStatus | null;
  toStatus: JobStatus | null;
  reason: EndReason | null;
  text: string | null;
}

type NewEvent = Partial<EventRow> & Pick<EventRow, 'time' | 'type' | 'jobId' | 'run' | 'session'>;

/** The append-only table `events`. */
export class EventTable extends Table {
  append(event: NewEvent): void {
    const { time, type, jobId, run, session, fromStatus = null, toStatus = null, reason = null, text = null } = event;
    const insert = `INSERT INTO events (time, type, jobId, run, session, fromStatus, toStatus, reason, text)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    this.run(insert, time, type, jobId, run, session, fromStatus, toStatus, reason, text);
  }

  /** Oldest first. @param jobId only the events of this job */
  after(seq: number, limit: number, jobId?: string): EventRow[] {
    return jobId === undefined
      ? this.all('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT +?', seq, limit)
      : this.all('SELECT * FROM events WHERE seq > ? AND jobId = ? ORDER BY seq LIMIT +?', seq, jobId, limit);
  }

  /** The number of the newest event, 0 before the first. From SQLite's own count: the newest rows may be deleted. */
  last(): number {
    return this.get<EventRow>("SELECT seq FROM sqlite_sequence WHERE name = 'events'")?.seq ?? 0;
  }

  /** The time of the newest event; 0 before the first. */
  lastTime(): number {
    return this.get<EventRow>('SELECT time FROM events ORDER BY seq DESC LIMIT 1')?.time ?? 0;
  }

  /** The ids of the jobs that were removed on request, not because their records were damaged. */
  removedJobs(): Set<string> {
    const found = this.all<EventRow>("SELECT jobId FROM events WHERE type = 'removed' AND text IS NULL");
    return new Set(found.map(({ jobId }) => jobId));
  }

  /** The ids, in order, of jobs that have events and begin with `prefix`, also of removed jobs. */
  jobIds(prefix: string, limit: number): string[] {
    const query = "SELECT DISTINCT jobId FROM events WHERE jobId >= ? AND jobId < ? || 'g' ORDER BY jobId LIMIT +?";
    return this.all<EventRow>(query, prefix, prefix, limit).map(({ jobId }) => jobId);
  }

  /** Deletes events of removed jobs that happened before `before` (milliseconds since the epoch). */
  forgetRemoved(before: number): void {
    this.run('DELETE FROM events WHERE time < ? AND jobId NOT IN (SELECT id FROM jobs)', before);
  }
}

/** The settings: values of the environment win over stored ones, stored ones over defaults. */
export class SettingsStore extends Table {
  readonly #overrides: StoredSettings;
  #stored: StoredSettings = {};
  current!: Settings;

  constructor(database: DatabaseSync, overrides: StoredSettings) {
    super(database);
    this.#overrides = overrides;
    this.#use(this.#read());
  }

  /** @throws BgJobsError `disk_full` */
  update({ sessionLimits, ...others }: SettingsUpdate): void {
    const stored = { ...this.#stored, ...others };
    if (sessionLimits) {
      const limits = Object.entries({ ...stored.sessionLimits, ...sessionLimits });
      stored.sessionLimits = Object.fromEntries(limits.filter((entry): entry is [string, number] => entry[1] !== null));
    }
    transaction(this.database, () =>
      this.run('INSERT OR REPLACE INTO settings (rowid, value) VALUES (1, ?)', JSON.stringify(stored)),
    );
    this.#use(stored);
  }

  /** Values that cannot be read count as not set. */
  #read(): StoredSettings {
    const row = this.get<{ value: string }>('SELECT value FROM settings');
    try {
      return storedSettings.parse(JSON.parse(row?.value ?? '{}'));
    } catch {
      return {};
    }
  }

  #use(stored: StoredSettings): void {
    this.#stored = stored;
    this.current = settings.parse({ ...defaultSettings, ...stored, ...this.#overrides });
  }
}
