import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError, diskFull } from '../api/errors.ts';
import { isDiskFull, shortageBy } from '../disk/space.ts';

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
  #writes = 0;

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  /** Grows whenever this table may have been written: what was read before may be old. */
  get writes(): number {
    return this.#writes;
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
    if (!sql.startsWith('SELECT')) this.#writes++;
    let statement = this.#compiled.get(sql);
    if (!statement) this.#compiled.set(sql, (statement = this.database.prepare(sql)));
    return statement;
  }
}

function toSql(value: unknown): string | number | null {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as string | number | null);
}

/** How long to wait before a write that failed with a full disk is retried (milliseconds). */
export const diskRetryMs = 2000;

/** @throws BgJobsError `disk_full` in place of the system's own error; any other error unchanged */
export function rethrowDiskFull(error: unknown): never {
  throw isDiskFull(error) && !(error instanceof BgJobsError) ? diskFull(...shortageBy(error)) : error;
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
