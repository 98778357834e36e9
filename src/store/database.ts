import { renameSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { BgJobsError } from '../api/errors.ts';
import { rethrowDiskFull } from './diskFull.ts';
import { migrations } from './schema.ts';

/**
 * Opens the store, brings its schema up to date, and sets a file that is no database aside, so that one bad file does
 * not keep everything from working.
 * @param warn told when a damaged file was set aside, and under which name
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
      `The store could not be read (${(error as Error).message}). It was set aside as ${aside}; a new one was made.`,
    );
    return openSound(path);
  }
}

function openSound(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // NORMAL: a commit survives the death of this process; a power cut may take the last ones, never the file.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
    // 16 MB: a checkpoint waits for the disk, and with the usual 4 MB there would be one every 30 short jobs.
    database.exec('PRAGMA wal_autocheckpoint = 4000');
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    return rethrowDiskFull(error);
  }
}

function migrate(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
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

/** SQLITE_CORRUPT (11) and SQLITE_NOTADB (26), https://sqlite.org/rescode.html */
function isDamage(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode ?? 0;
  // The low byte is the kind of the error, the rest its details.
  return (code & 255) === 11 || (code & 255) === 26;
}
