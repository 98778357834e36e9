import { existsSync, renameSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError } from '../api/errors.ts';

/**
 * Opens the store and upgrades its schema. A file that is not a database is set aside, so that one damaged file does not
 * prevent everything from working.
 * @param warn called with a message that names the damaged file when one was set aside
 * @throws BgJobsError `internal` when the store was written by a newer version, `disk_full`
 */
export function openDatabase(path: string, now: () => number, warn: (message: string) => void): DatabaseSync {
  try {
    return openSound(path);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = `${path}.damaged-${now()}`;
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    }
    warn(
      `The store could not be read (${(error as Error).message}). It was set aside as ${aside} and a new one was created.`,
    );
    return openSound(path);
  }
}

/** How long another process may keep a reader waiting (milliseconds). */
const busyMs = 2000;

/** A store that another process owns. Nothing is upgraded: its schema may be older or newer. @throws Error if it cannot be read */
export function openReadOnly(path: string): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: busyMs });
}

/** The number of migrations that the store has had. */
export function schemaVersion(database: DatabaseSync): number {
  return (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
}

function openSound(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // NORMAL: a commit survives the death of this process; a power cut may take the last ones, never the file.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
    // 16 MB: a checkpoint waits for the disk, and with the default of 4 MB there would be one every 30 short jobs.
    database.exec('PRAGMA wal_autocheckpoint = 4000');
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    return rethrowDiskFull(error);
  }
}

function migrate(database: DatabaseSync): void {
  const version = schemaVersion(database);
  if (version > migrations.length) {
    throw new BgJobsError(
      'internal',
      `The store was written by a newer version of Background Jobs (schema ${version}, known: ${migrations.length}). Update this one.`,
    );
  }
  for (const [index, statements] of migrations.entries()) {
    if (index < version) continue;
    transaction(database, () => database.exec(`${statements}; PRAGMA user_version = ${index + 1}`));
  }
}

/** Runs `work` in one transaction: all of it or nothing. @throws BgJobsError `disk_full`, and whatever `work` throws */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  let result: T;
  try {
    result = work();
    database.exec('COMMIT');
  } catch (error) {
    // A full disk may have rolled it back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    return rethrowDiskFull(error);
  }
  return result;
}

/**
 * Compiles each statement once, when it is first used: a store with an older schema can be read too. Write a limit as
 * `+?`: SQLite looks at a bare `?` in a limit while it plans, and compiles the statement anew for each value.
 */
export type Statements = (sql: string) => StatementSync;

export function statementsOf(database: DatabaseSync): Statements {
  const compiled = new Map<string, StatementSync>();
  return (sql) => {
    let statement = compiled.get(sql);
    if (!statement) compiled.set(sql, (statement = database.prepare(sql)));
    return statement;
  };
}

/**
 * Sets columns of one row: booleans as 0 or 1, objects as JSON. Compares and sets if `from` is given.
 * @returns false if the row is gone or its stored status is not `from`
 */
export function updateRow(
  sql: Statements,
  table: 'jobs' | 'runs',
  row: number,
  columns: Readonly<Record<string, unknown>>,
  from?: string,
): boolean {
  const assignments = Object.keys(columns).map((name) => `${name} = ?`);
  const guard = from === undefined ? '' : ' AND status = ?';
  const values = [...Object.values(columns).map(toSql), row, ...(from === undefined ? [] : [from])];
  return sql(`UPDATE ${table} SET ${assignments.join(', ')} WHERE row = ?${guard}`).run(...values).changes === 1;
}

function toSql(value: unknown): string | number | null {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as string | number | null);
}

/** SQLITE_CORRUPT (11) and SQLITE_NOTADB (26), https://sqlite.org/rescode.html */
function isDamage(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode ?? 0;
  // The low byte is the kind of the error, the rest its details.
  return (code & 255) === 11 || (code & 255) === 26;
}

/** Statements that upgrade a store from schema i to i + 1. Append only: never change one that has been released. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE settings (value TEXT NOT NULL);

  -- spec: the start request as JSON. Times are milliseconds since the epoch. reason: of a job that was cancelled.
  CREATE TABLE jobs (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL,
    status TEXT NOT NULL,
    pinned INTEGER NOT NULL DEFAULT 0,
    idempotencyKey TEXT UNIQUE,
    spec TEXT NOT NULL,
    run INTEGER,
    createdAt INTEGER NOT NULL,
    queuedAt INTEGER NOT NULL,
    finishedAt INTEGER,
    reason TEXT,
    reasonText TEXT
  );
  CREATE INDEX jobsByStatus ON jobs (status, row);
  CREATE INDEX jobsBySession ON jobs (session, row);

  -- supervisor, stop and leftovers: JSON.
  CREATE TABLE runs (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    job INTEGER NOT NULL REFERENCES jobs (row) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    supervisor TEXT,
    pid INTEGER,
    exitCode INTEGER,
    signal TEXT,
    reason TEXT,
    reasonText TEXT,
    errorCode TEXT,
    errorMessage TEXT,
    startedAt INTEGER NOT NULL,
    finishedAt INTEGER,
    stop TEXT,
    stdoutBytes INTEGER NOT NULL DEFAULT 0,
    stderrBytes INTEGER NOT NULL DEFAULT 0,
    stdoutDropped INTEGER NOT NULL DEFAULT 0,
    stderrDropped INTEGER NOT NULL DEFAULT 0,
    leftovers TEXT NOT NULL DEFAULT '[]',
    UNIQUE (job, number)
  );

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    type TEXT NOT NULL,
    jobId TEXT NOT NULL,
    run INTEGER,
    session TEXT NOT NULL,
    fromStatus TEXT,
    toStatus TEXT,
    reason TEXT,
    text TEXT
  );

  -- Records that could not be read: kept so that they can be repaired.
  CREATE TABLE damaged (id TEXT NOT NULL, message TEXT NOT NULL, record TEXT NOT NULL, foundAt INTEGER NOT NULL);

  -- Which bytes of output were seen when. Small on purpose, about 20 bytes a row: a talkative job adds up to 50 a second.
  CREATE TABLE chunks (
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    time INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  `,
  `
  -- dueAt: when it starts or is retried. series: the number of the run before the first of the current attempts.
  -- queueKey: its position in the queue, if it was moved. schedule: the id of the job whose cron created it.
  ALTER TABLE jobs ADD COLUMN dueAt INTEGER;
  ALTER TABLE jobs ADD COLUMN series INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN gaveUp INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN queueKey REAL;
  ALTER TABLE jobs ADD COLUMN schedule TEXT;
  CREATE INDEX jobsBySchedule ON jobs (schedule) WHERE schedule IS NOT NULL;

  -- readyAt, notReadyAt: when readyWhen came true or timed out. readyUrl: its URL for a browser. readyText: what showed
  -- that it is ready, or what prevents it. readyBefore: JSON, sockets that listened on its port before the run.
  ALTER TABLE runs ADD COLUMN readyAt INTEGER;
  ALTER TABLE runs ADD COLUMN notReadyAt INTEGER;
  ALTER TABLE runs ADD COLUMN readyUrl TEXT;
  ALTER TABLE runs ADD COLUMN readyText TEXT;
  ALTER TABLE runs ADD COLUMN readyBefore TEXT;
  -- maxMemory: the highest total memory of its processes that was seen, in bytes.
  ALTER TABLE runs ADD COLUMN maxMemory INTEGER;
  `,
];

/** How long to wait before a write that failed with a full disk is retried (milliseconds). */
export const diskRetryMs = 2000;

/** SQLITE_FULL (13, https://sqlite.org/rescode.html), ENOSPC / EDQUOT of a file operation, or the error made of them here. */
function isDiskFull(error: unknown): boolean {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return errcode === 13 || code === 'ENOSPC' || code === 'EDQUOT' || code === 'disk_full';
}

/** @throws BgJobsError `disk_full` in place of the system's own error; any other error unchanged */
function rethrowDiskFull(error: unknown): never {
  if (isDiskFull(error)) {
    throw new BgJobsError(
      'disk_full',
      'The disk that holds the jobs is full. Free some space, for example by cleaning up finished jobs, and try again.',
    );
  }
  throw error;
}

/** Writes, unless the disk is full. @returns false if it is full @throws any other error of `write` */
export function unlessFull(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (isDiskFull(error)) return false;
    throw error;
  }
}

/**
 * Writes, and retries every two seconds while the disk is full, until `signal` is aborted.
 * @param onFull called after each attempt that failed
 * @returns undefined if the first attempt, which is synchronous, succeeded; otherwise a promise of the retries
 */
export function retryWhenFull(write: () => void, signal: AbortSignal, onFull: () => void): Promise<void> | undefined {
  if (unlessFull(write)) return undefined;
  const retry = async (): Promise<void> => {
    do {
      onFull();
      await sleep(diskRetryMs, undefined, { signal }).catch(() => undefined);
    } while (!signal.aborted && !unlessFull(write));
  };
  return retry();
}
