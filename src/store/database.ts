import { existsSync, renameSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError } from '../api/errors.ts';
import { migrations } from './schema.ts';

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

/** The base of the classes that hold queries. */
export class Table {
  protected readonly database: DatabaseSync;
  readonly #compiled = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  protected all<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#statement(sql).all(...values) as T[];
  }

  protected get<T>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#statement(sql).get(...values) as T | undefined;
  }

  /** @returns the number of rows that were changed */
  protected run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /**
   * Sets columns of one row: booleans as 0 or 1, objects as JSON. Compares and sets if `from` is given.
   * @returns false if the row is gone or its stored status is not `from`
   */
  protected set(
    table: 'jobs' | 'runs',
    row: number,
    columns: Readonly<Record<string, unknown>>,
    from?: string,
  ): boolean {
    const given = Object.entries(columns).filter(([, value]) => value !== undefined);
    const assignments = given.map(([name]) => `${name} = ?`).join(', ');
    const values = [...given.map(([, value]) => toSql(value)), row];
    const update = `UPDATE ${table} SET ${assignments} WHERE row = ?`;
    return (
      (from === undefined ? this.run(update, ...values) : this.run(`${update} AND status = ?`, ...values, from)) === 1
    );
  }

  /**
   * Compiles each statement once, when it is first used: a store with an older schema can be read too. Write a limit as
   * `+?`: SQLite looks at a bare `?` in a limit while it plans, and compiles the statement anew for each value.
   */
  #statement(sql: string): StatementSync {
    let statement = this.#compiled.get(sql);
    if (!statement) this.#compiled.set(sql, (statement = this.database.prepare(sql)));
    return statement;
  }
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
