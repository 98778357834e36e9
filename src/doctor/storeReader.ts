import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ProcessIdentity } from '../processes/processSource.ts';
import { homeFiles } from '../dataDir/dataDir.ts';
import { tryLock } from '../host/lock.ts';
import { activeStatuses, type JobStatus } from '../api/values.ts';

/** How long another process may take to let us read (milliseconds). */
const busyMs = 2000;

export interface RecordedRun {
  jobStatus: JobStatus;
  isLive: boolean;
}

/** Reads a store beside the job host that owns it. @throws Error when it cannot be read */
export class StoreReader {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
  }

  get schemaVersion(): number {
    return Number(this.#value('PRAGMA user_version'));
  }

  /** What SQLite has to complain about; `ok` when that is nothing. */
  get integrity(): string {
    return String(this.#value('PRAGMA quick_check(1)'));
  }

  /** No table has been made in it yet. */
  get isEmpty(): boolean {
    return this.#value('SELECT count(*) FROM sqlite_master') === 0;
  }

  get damagedRecords(): number {
    return Number(this.#value('SELECT count(*) FROM damaged'));
  }

  /** Milliseconds since the epoch; 0 when nothing has happened yet. */
  get newestEvent(): number {
    return Number(this.#value('SELECT coalesce(max(time), 0) FROM events'));
  }

  run(runId: string): RecordedRun | undefined {
    const [jobId = '', number = ''] = runId.split('.');
    const found = this.#database
      .prepare(
        `SELECT jobs.status AS jobStatus, coalesce(runs.status IN (${activeList}), 0) AS isLive
         FROM jobs LEFT JOIN runs ON runs.job = jobs.row AND runs.number = ? WHERE jobs.id = ?`,
      )
      .get(Number(number), jobId) as { jobStatus: JobStatus; isLive: number } | undefined;
    return found && { jobStatus: found.jobStatus, isLive: found.isLive === 1 };
  }

  /** Whether the run was of a job that was removed on purpose; that is remembered for as long as finished jobs are kept. */
  hasRemoved(runId: string): boolean {
    const [jobId = ''] = runId.split('.');
    const query = "SELECT 1 FROM events WHERE type = 'removed' AND text IS NULL AND jobId = ?";
    return this.#database.prepare(query).get(jobId) !== undefined;
  }

  /** What ended runs were known to have left, by run id. */
  get leftovers(): { runId: string; processes: ProcessIdentity[] }[] {
    return this.#runs("leftovers <> '[]'", 'leftovers').map(({ runId, text }) => ({
      runId,
      processes: parse<ProcessIdentity[]>(text) ?? [],
    }));
  }

  /** Runs that are under way, with their supervisors as far as those are known. */
  get liveRuns(): { runId: string; supervisor: ProcessIdentity | undefined }[] {
    return this.#runs(`runs.status IN (${activeList})`, 'supervisor').map(({ runId, text }) => ({
      runId,
      supervisor: parse<ProcessIdentity>(text),
    }));
  }

  close(): void {
    this.#database.close();
  }

  #runs(where: string, column: 'leftovers' | 'supervisor'): { runId: string; text: string | null }[] {
    return this.#database
      .prepare(
        `SELECT jobs.id || '.' || runs.number AS runId, runs.${column} AS text
         FROM runs JOIN jobs ON jobs.row = runs.job WHERE ${where}`,
      )
      .all() as { runId: string; text: string | null }[];
  }

  #value(query: string): unknown {
    return Object.values(this.#database.prepare(query).get() ?? {})[0];
  }
}

export type StoreState =
  | { readonly type: 'readable'; readonly reader: StoreReader }
  | { readonly type: 'absent' }
  | { readonly type: 'unreadable'; readonly reason: string };

/** The stores of several homes, each opened once and closed with this. */
export class Stores implements Disposable {
  readonly #states = new Map<string, StoreState>();

  at(home: string): StoreState {
    const key = canonical(home);
    const known = this.#states.get(key) ?? open(key);
    this.#states.set(key, known);
    return known;
  }

  [Symbol.dispose](): void {
    for (const state of this.#states.values()) if (state.type === 'readable') state.reader.close();
  }
}

/** The same for all ways to write a folder that exists. */
export function canonical(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}

function open(home: string): StoreState {
  const path = join(home, 'jobs.db');
  if (!existsSync(path)) {
    if (!isLocked(home)) return { type: 'absent' };
    return { type: 'unreadable', reason: `${path} is gone, though a job host is using it` };
  }
  const [uid, owner] = [process.getuid?.(), statSync(path).uid];
  // SQLite makes files beside it, which would keep its owner out.
  if (uid !== undefined && owner !== uid) {
    return { type: 'unreadable', reason: `it belongs to another user (uid ${owner})` };
  }
  try {
    const reader = new StoreReader(path);
    if (reader.integrity !== 'ok') return { type: 'unreadable', reason: reader.integrity };
    // A host that died before it made its tables has left it so; the next one makes them.
    if (reader.isEmpty && !isLocked(home)) {
      reader.close();
      return { type: 'absent' };
    }
    reader.run('.0');
    return { type: 'readable', reader };
  } catch (error) {
    return { type: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether a job host holds the store. */
export function isLocked(home: string): boolean {
  const { lock: path } = homeFiles(home);
  if (!existsSync(path)) return false;
  const lock = tryLock(path);
  lock?.release();
  return lock === undefined;
}

const activeList = activeStatuses.map((status) => `'${status}'`).join(', ');

/** A damaged detail is as good as none. */
function parse<T>(text: string | null): T | undefined {
  try {
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}
