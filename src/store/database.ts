import { renameSync, existsSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { BgJobsError } from '../api/errors.ts';
import { rethrowDiskFull } from './diskFull.ts';
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
