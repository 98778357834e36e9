import { chmodSync, existsSync, renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { BgJobsError } from '../api/errors.ts';
import { backupPath } from './backup.ts';
import { rethrowDiskFull, schemaVersion, transaction } from './database.ts';
import { hasSchema, salvage } from './salvage.ts';
import { migrations } from './schema.ts';

/**
 * Opens the store and upgrades its schema. A damaged file is set aside, so that it does not prevent everything from
 * working, and what can be read of it goes into a new one.
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
    const database = openSound(path);
    const { jobs, isWhole, fromCopy } = salvage(aside, database, backupPath(path));
    const read = isWhole ? `All of its ${jobs} jobs were` : jobs === 0 ? 'None of its jobs was' : `${jobs} jobs were`;
    const copied = fromCopy > 0 ? `, ${fromCopy} of them from the last copy` : '';
    warn(
      `The store was damaged (${(error as Error).message}). It was set aside as ${aside}. ${read} read into a new store${copied}.`,
    );
    return database;
  }
}

function openSound(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  closeToOthers(path);
  try {
    // NORMAL: a commit survives the death of this process; a power cut may take the last ones, never the file.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
    // 16 MB: a checkpoint waits for the disk, and with the default of 4 MB there would be one every 30 short jobs.
    database.exec('PRAGMA wal_autocheckpoint = 4000');
    migrate(database);
    if (!hasSchema(database, migrations.length)) throw damaged('its tables are not as they were made');
    return database;
  } catch (error) {
    database.close();
    return rethrowDiskFull(error);
  }
}

/** Its folder is private, but a copy of the store may be elsewhere. SQLite gives new files beside it the same mode. */
function closeToOthers(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    try {
      chmodSync(path + suffix, 0o600);
    } catch {
      // It is not there, or the file system is read-only.
    }
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
    // An upgrade adds to the tables of the version before; where it does not fit, they are not what they were.
    if (version > 0 && !hasSchema(database, index)) throw damaged('its tables are not as they were made');
    transaction(database, () => database.exec(`${statements}; PRAGMA user_version = ${index + 1}`));
  }
}

function damaged(message: string): Error {
  return Object.assign(new Error(message), { errcode: 11 });
}

/** SQLITE_CORRUPT (11) and SQLITE_NOTADB (26), https://sqlite.org/rescode.html */
function isDamage(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode ?? 0;
  // The low byte is the kind of the error, the rest its details.
  return (code & 255) === 11 || (code & 255) === 26;
}
