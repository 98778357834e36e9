import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Check } from '../api/inspection.ts';
import { activeStatuses, isActive, type JobStatus } from '../api/values.ts';
import { homeFiles } from '../dataDir/dataDir.ts';
import { tryLock } from '../host/lock.ts';
import type { ProcessIdentity } from '../processes/processSource.ts';
import type { ProcessTable } from '../processes/runTree.ts';
import { openReadOnly, schemaVersion } from '../store/database.ts';
import { EventTable } from '../store/eventTable.ts';
import { JobTable, parseSpec } from '../store/jobTable.ts';
import { prefixOfTasks } from '../store/newJobId.ts';
import { RunTable, runIdOf } from '../store/runTable.ts';
import { migrations } from '../store/schema.ts';
import { SettingsStore } from '../store/settingsStore.ts';
import { plural } from '../text/grammar.ts';
import { ok, problem, warning } from './check.ts';

/** Clocks are corrected by up to this much now and then (milliseconds). */
const clockToleranceMs = 60_000;
/** Jobs whose shapes a report has. */
const shownJobs = 200;

/** Checks the store itself. */
export function checkStore(table: ProcessTable, home: string, now: number): Check[] {
  using stores = new Stores();
  const store = stores.at(home);
  const aside = setAside(home);
  switch (store.type) {
    case 'absent':
      return [ok('store', 'There is no store yet: the first job creates it'), ...aside];
    case 'unreadable':
      return [
        problem(
          'store',
          `The store cannot be read: ${store.reason}`,
          `Keep a copy of ${join(home, 'jobs.db')}. ${start}`,
        ),
        ...aside,
      ];
    case 'readable':
      return [
        checkVersion(store.reader),
        checkDamaged(store.reader),
        ...aside,
        checkClock(store.reader, now),
        checkRuns(table, store.reader, home),
      ];
  }
}

const start = '`bgjobs host start` sets a damaged store aside and creates a new one.';

function checkVersion({ schemaVersion }: StoreReader): Check {
  const known = migrations.length;
  if (schemaVersion > known) {
    const summary = `The store was written by a newer version (schema ${schemaVersion}, known: ${known})`;
    return problem('store', summary, 'Update this software.');
  }
  const older = schemaVersion < known ? `; the next job host upgrades it to ${known}` : '';
  return ok('store', `The store is sound (schema ${schemaVersion}${older})`);
}

function checkDamaged({ damagedRecords }: StoreReader): Check {
  if (damagedRecords === 0) return ok('damaged', 'No record is damaged');
  const summary = `${plural(damagedRecords, 'job')} could not be read and was moved to the table "damaged" of the store`;
  return warning('damaged', summary, 'Logs are kept in the folder runs. Delete the rows when you no longer need them.');
}

/** Whole stores that could not be read. */
function setAside(home: string): Check[] {
  const isFolder = existsSync(home) && statSync(home).isDirectory();
  const files = isFolder ? readdirSync(home).filter((name) => /^jobs\.db\.damaged-\d+$/.test(name)) : [];
  if (files.length === 0) return [];
  const summary = `${plural(files.length, 'store')} could not be read and was set aside: ${files.join(', ')}`;
  return [warning('damaged', summary, `Delete the files that you no longer need from ${home}.`)];
}

function checkClock({ newestEvent }: StoreReader, now: number): Check {
  if (newestEvent <= now + clockToleranceMs) return ok('clock', 'The clock has not gone back');
  const summary = `The clock has gone back: the newest event is from ${new Date(newestEvent).toISOString()}`;
  return warning('clock', summary, 'Correct the clock. Until then, times and durations of jobs may be wrong.');
}

function checkRuns(table: ProcessTable, reader: StoreReader, home: string): Check {
  const liveRuns = reader.liveRuns();
  const summary = liveRuns.length === 0 ? 'No run is under way' : `${plural(liveRuns.length, 'run')} under way`;
  if (isLocked(home)) return ok('runs', summary);
  const dead = liveRuns.filter(({ supervisor }) => !supervisor || !table.isAlive(supervisor));
  if (dead.length === 0) return ok('runs', summary);
  return warning(
    'runs',
    `${plural(dead.length, 'run')} recorded as under way without a supervisor: ` +
      dead.map(({ runId }) => runId).join(', '),
    'Start the job host to record the end: bgjobs host start.',
  );
}

interface RecordedRun {
  jobStatus: JobStatus;
  isLive: boolean;
}

/** Reads a store beside the job host that owns it. */
class StoreReader {
  readonly schemaVersion: number;
  readonly damagedRecords: number;
  /** Milliseconds since the epoch; 0 if nothing has happened yet. */
  readonly newestEvent: number;
  readonly #jobs: JobTable;
  readonly #runs: RunTable;
  readonly #removed: ReadonlySet<string>;
  readonly #database: DatabaseSync;

  /** @throws Error if the store cannot be read */
  constructor(database: DatabaseSync) {
    this.#database = database;
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
    return this.#removed.has(prefixOfTasks(runId.split('.')[0] ?? ''));
  }

  /** Numbers and switches as they are; of everything else, how much there is. */
  settingShapes(): Record<string, unknown> {
    return shapesOf(new SettingsStore(this.#database, {}).current);
  }

  /** How many jobs there are, and of the newest ones what they have and how they went. Sessions are numbers. */
  jobShapes(commands: boolean): object {
    const counts = this.#jobs.countByStatusAndSession();
    const sessions = [...new Set(counts.map(({ session }) => session))];
    const rows = this.#jobs.list({}, shownJobs);
    const runs = this.#runs.ofJobs(rows.map(({ row }) => row));
    return {
      counts: counts.map(({ session, ...count }) => ({ session: sessions.indexOf(session), ...count })),
      newest: rows.map(({ id, row, session, status, reason, spec: text, createdAt }) => {
        const spec = parseSpec(text);
        return {
          ...{ id, session: sessions.indexOf(session), status, reason, createdAt: new Date(createdAt) },
          options: spec ? shapesOf(spec) : 'damaged',
          ...(commands && { command: spec?.command ?? spec?.argv ?? null }),
          runs: (runs.get(row) ?? []).map((run) => {
            const { number, exitCode, signal, errorCode, startedAt, finishedAt, stdoutBytes, stderrBytes } = run;
            return {
              ...{ number, status: run.status, reason: run.reason, exitCode, signal, errorCode },
              ...{ stdoutBytes, stderrBytes, durationMs: finishedAt === null ? null : finishedAt - startedAt },
              ...{ leftovers: run.leftovers.length },
            };
          }),
        };
      }),
    };
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
    return this.#jobs
      .list({ statuses: activeStatuses, array: 'any' }, Number.MAX_SAFE_INTEGER)
      .flatMap(({ id, row, run }) => {
        const live = run === null ? undefined : this.#runs.byNumber(row, run);
        return live ? [{ runId: runIdOf(id, live.number), supervisor: live.supervisor }] : [];
      });
  }
}

/** Numbers and switches as they are; of texts, lists and objects only their length. */
function shapesOf(values: object): Record<string, unknown> {
  const shape = (value: unknown): unknown => {
    if (typeof value === 'string') return { characters: value.length };
    if (Array.isArray(value)) return { items: value.length };
    return typeof value === 'object' && value !== null ? { members: Object.keys(value).length } : value;
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shape(value)]));
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
