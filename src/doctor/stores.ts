import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { activeStatuses, isActive, type JobStatus } from '../api/values.ts';
import { homeFiles } from '../dataDir/dataDir.ts';
import { tryLock } from '../host/lock.ts';
import type { ProcessIdentity } from '../processes/processSource.ts';
import { openReadOnly, schemaVersion } from '../store/database.ts';
import { EventTable } from '../store/eventTable.ts';
import { JobTable } from '../store/jobTable.ts';
import { RunTable, runIdOf } from '../store/runTable.ts';

interface RecordedRun {
  jobStatus: JobStatus;
  isLive: boolean;
}

/** Reads a store beside the job host that owns it. */
export class StoreReader {
  readonly schemaVersion: number;
  readonly damagedRecords: number;
  /** Milliseconds since the epoch; 0 if nothing has happened yet. */
  readonly newestEvent: number;
  readonly #jobs: JobTable;
  readonly #runs: RunTable;
  readonly #removed: ReadonlySet<string>;

  /** @throws Error if the store cannot be read */
  constructor(database: DatabaseSync) {
    this.#jobs = new JobTable(database);
    this.#runs = new RunTable(database);
    const events = new EventTable(database);
    this.schemaVersion = schemaVersion(database);
    this.damagedRecords = this.#jobs.countDamaged();
    this.newestEvent = events.lastTime();
    this.#removed = events.removedJobs();
  }

  run(runId: string): RecordedRun | undefined {
    const [jobId = '', number = ''] = runId.split('.');
    const job = this.#jobs.byId(jobId);
    const run = job && this.#runs.byNumber(job.row, Number(number));
    return job && { jobStatus: job.status, isLive: run !== undefined && isActive(run.status) };
  }

  /** Whether the job of the run was removed on request; the store remembers that as long as it keeps finished jobs. */
  hasRemoved(runId: string): boolean {
    return this.#removed.has(runId.split('.')[0] ?? '');
  }

  /** The recorded orphans of ended runs, by run id. */
  orphans(): Map<string, readonly ProcessIdentity[]> {
    return new Map(
      this.#runs.withLeftovers().flatMap(({ job: row, number, leftovers }) => {
        const job = this.#jobs.byRow(row);
        return job ? [[runIdOf(job.id, number), leftovers] as const] : [];
      }),
    );
  }

  /** Runs that are under way, with their supervisors if those are known. */
  liveRuns(): { runId: string; supervisor: ProcessIdentity | null }[] {
    return this.#jobs.list({ statuses: activeStatuses }, Number.MAX_SAFE_INTEGER).flatMap(({ id, row, run }) => {
      const live = run === null ? undefined : this.#runs.byNumber(row, run);
      return live ? [{ runId: runIdOf(id, live.number), supervisor: live.supervisor }] : [];
    });
  }
}

type StoreState =
  | { readonly type: 'readable'; readonly reader: StoreReader }
  | { readonly type: 'absent' }
  | { readonly type: 'unreadable'; readonly reason: string };

/** The stores of several data directories. Each is opened once, and closed together with this. */
export class Stores implements Disposable {
  readonly #states = new Map<string, StoreState>();
  readonly #databases: DatabaseSync[] = [];

  at(home: string): StoreState {
    const key = canonical(home);
    const known = this.#states.get(key) ?? this.#open(key);
    this.#states.set(key, known);
    return known;
  }

  [Symbol.dispose](): void {
    for (const database of this.#databases) database.close();
  }

  #open(home: string): StoreState {
    const path = join(home, 'jobs.db');
    if (!existsSync(path)) {
      if (!isLocked(home)) return { type: 'absent' };
      return { type: 'unreadable', reason: `${path} is missing, though a job host is using it` };
    }
    const [uid, owner] = [process.getuid?.(), statSync(path).uid];
    // SQLite creates files beside it, which would lock out its owner.
    if (uid !== undefined && owner !== uid) {
      return { type: 'unreadable', reason: `it belongs to another user (uid ${owner})` };
    }
    try {
      const database = openReadOnly(path);
      this.#databases.push(database);
      const integrity = first(database, 'PRAGMA quick_check(1)');
      if (integrity !== 'ok') return { type: 'unreadable', reason: String(integrity) };
      // A host that died before it created its tables leaves the file like this; the next host creates them.
      const isEmpty = first(database, 'SELECT count(*) FROM sqlite_master') === 0;
      if (isEmpty && !isLocked(home)) return { type: 'absent' };
      const reader = new StoreReader(database);
      reader.orphans();
      return { type: 'readable', reader };
    } catch (error) {
      return { type: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** The same path for every spelling of an existing folder. */
export function canonical(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}

/** Whether a job host holds the store. */
export function isLocked(home: string): boolean {
  const { lock: path } = homeFiles(home);
  if (!existsSync(path)) return false;
  const lock = tryLock(path);
  lock?.release();
  return lock === undefined;
}

function first(database: DatabaseSync, query: string): unknown {
  return Object.values(database.prepare(query).get() ?? {})[0];
}
