import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { StartErrorCode } from '../api/errors.ts';
import type { SignalName } from '../api/signals.ts';
import type { EndReason, RunStatus, WaitingStatus } from '../api/values.ts';
import type { ProcessIdentity } from '../processes/processSource.ts';
import { statementsOf, updateRow, type Statements } from './database.ts';

/** A kill that is under way: stored so that the next host continues it. */
export interface StopRecord {
  signal: SignalName;
  graceMs: number;
  reason: EndReason;
  reasonText: string | null;
  requestedAt: number;
  /** Where the job goes when the run is proven dead: back into the queue, or nowhere. Null: its own options decide. */
  next: WaitingStatus | 'ended' | null;
}

/** An orphan, a process that has outlived the main one: enough to find it again, and no other. */
export type Leftover = ProcessIdentity & { command: string };

/** A run as it is stored. Times are milliseconds since the epoch. */
export interface RunRow {
  row: number;
  job: number;
  number: number;
  status: RunStatus;
  supervisor: ProcessIdentity | null;
  pid: number | null;
  exitCode: number | null;
  signal: string | null;
  reason: EndReason | null;
  reasonText: string | null;
  errorCode: StartErrorCode | null;
  errorMessage: string | null;
  startedAt: number;
  finishedAt: number | null;
  stop: StopRecord | null;
  stdoutBytes: number;
  stderrBytes: number;
  stdoutDropped: number;
  stderrDropped: number;
  /** Of the whole tree, in bytes; null if it was not measured. */
  maxMemory: number | null;
  leftovers: Leftover[];
  /** When its readyWhen came true; null if it has not yet or there is none. */
  readyAt: number | null;
  /** When the time for that ran out: it will not come true any more. */
  notReadyAt: number | null;
  readyUrl: string | null;
  readyText: string | null;
  /** Sockets that listened on its port before the run; null if that is unknown or there is no port. */
  readyBefore: string[] | null;
}

/** The state of a run's readyWhen. */
export type Readiness = Pick<RunRow, 'readyAt' | 'notReadyAt' | 'readyUrl' | 'readyText' | 'readyBefore'>;

interface RawRunRow extends Omit<RunRow, 'supervisor' | 'stop' | 'leftovers' | 'readyBefore'> {
  supervisor: string | null;
  stop: string | null;
  leftovers: string;
  readyBefore: string | null;
}

/** Where a job goes when its run has ended: nowhere, back into the queue, to another attempt at `dueAt`, or it gives up. */
export type AfterRun = WaitingStatus | 'gaveUp' | { dueAt: number } | null;

/** Everything about the end of a run, written once. */
export type RunEnd = Pick<
  RunRow,
  'exitCode' | 'signal' | 'reason' | 'reasonText' | 'errorCode' | 'errorMessage' | 'stdoutBytes' | 'stderrBytes'
> & {
  status: RunStatus;
  finishedAt: number;
  /** Null: they are still to be searched for. */
  leftovers?: Leftover[] | null;
  maxMemory?: number;
};

const endColumns = [
  'status',
  'finishedAt',
  'exitCode',
  'signal',
  'reason',
  'reasonText',
  'errorCode',
  'errorMessage',
  'stdoutBytes',
  'stderrBytes',
  'leftovers',
  'maxMemory',
] as const satisfies readonly (keyof RunEnd)[];

/** How a run ended, without the number of bytes it has written. */
export type End = Omit<RunEnd, 'stdoutBytes' | 'stderrBytes'>;

/** A run that has just begun, apart from what identifies it. */
const freshRun = {
  status: 'starting',
  supervisor: null,
  pid: null,
  exitCode: null,
  signal: null,
  reason: null,
  reasonText: null,
  errorCode: null,
  errorMessage: null,
  finishedAt: null,
  stop: null,
  stdoutBytes: 0,
  stderrBytes: 0,
  stdoutDropped: 0,
  stderrDropped: 0,
  maxMemory: null,
  readyAt: null,
  notReadyAt: null,
  readyUrl: null,
  readyText: null,
} as const satisfies Partial<RunRow>;

/** The columns that may be set. `leftovers` null: they are still to be searched for; read as none. */
type RunColumns = Omit<RunRow, 'row' | 'job' | 'number' | 'leftovers'> & { leftovers: readonly Leftover[] | null };

/** Queries on the table `runs`, without any decision. Callers: `Store`, which also records events, and the doctor. */
export class RunTable {
  readonly #sql: Statements;

  constructor(database: DatabaseSync) {
    this.#sql = statementsOf(database);
  }

  /** Oldest first. */
  ofJob(job: number): RunRow[] {
    const found = this.#sql('SELECT * FROM runs WHERE job = ? ORDER BY number').all(job);
    return (found as unknown as RawRunRow[]).map(read);
  }

  byNumber(job: number, number: number): RunRow | undefined {
    const raw = this.#sql('SELECT * FROM runs WHERE job = ? AND number = ?').get(job, number);
    return raw && read(raw as unknown as RawRunRow);
  }

  insert(job: number, number: number, startedAt: number, readyBefore: string[] | null): RunRow {
    const insert = "INSERT INTO runs (job, number, status, startedAt, readyBefore) VALUES (?, ?, 'starting', ?, ?)";
    const result = this.#sql(insert).run(job, number, startedAt, readyBefore && JSON.stringify(readyBefore));
    const row = Number(result.lastInsertRowid);
    return { ...freshRun, row, job, number, startedAt, readyBefore, leftovers: [] };
  }

  /** Compares and sets if `from` is given. @returns false if the stored status is not `from` any more */
  update(row: number, columns: Partial<RunColumns>, from?: RunStatus): boolean {
    const { leftovers, ...others } = columns;
    const stored = leftovers === undefined ? others : { ...others, leftovers: JSON.stringify(leftovers) };
    return updateRow(this.#sql, 'runs', row, stored, from);
  }

  /** Compares and sets. @returns false if the stored status is not `from` any more */
  end(row: number, from: RunStatus, end: RunEnd): boolean {
    const columns = endColumns.filter((name) => end[name] !== undefined).map((name) => [name, end[name]]);
    return this.update(row, Object.fromEntries(columns) as RunEnd, from);
  }

  /** Records in one statement that these runs have no orphans. */
  clearLeftovers(rows: readonly number[]): void {
    const update = "UPDATE runs SET leftovers = '[]' WHERE row IN (SELECT value FROM json_each(?))";
    this.#sql(update).run(JSON.stringify(rows));
  }

  /** Ended runs that have orphans, or whose orphans are still to be searched for. */
  withLeftovers(): RunRow[] {
    const found = this.#sql("SELECT * FROM runs WHERE leftovers <> '[]' AND finishedAt IS NOT NULL").all();
    return (found as unknown as RawRunRow[]).map(read);
  }

  /** The rows of the jobs that have more than `count` runs. */
  jobsWithMoreThan(count: number): number[] {
    const found = this.#sql('SELECT job FROM runs GROUP BY job HAVING count(*) > ?').all(count);
    return found.map(({ job }) => job as number);
  }

  remove(row: number): void {
    this.#sql('DELETE FROM runs WHERE row = ?').run(row);
  }

  /** The size of the logs of ended runs, in bytes: of all jobs or of one. */
  logBytes(job?: number): number {
    const found = this.#sql(
      `SELECT total(stdoutBytes - stdoutDropped + stderrBytes - stderrDropped) AS bytes FROM runs
       WHERE finishedAt IS NOT NULL AND (?1 IS NULL OR job = ?1)`,
    ).get(job ?? null);
    return (found as { bytes: number }).bytes;
  }

  /** Of the runs that have ended, in milliseconds; null if there are none. */
  averageDuration(): number | null {
    const found = this.#sql('SELECT avg(finishedAt - startedAt) AS average FROM runs WHERE finishedAt IS NOT NULL');
    return (found.get() as { average: number | null }).average;
  }
}

function read(raw: RawRunRow): RunRow {
  return {
    ...raw,
    supervisor: parse<ProcessIdentity | null>(raw.supervisor, null),
    stop: parse<StopRecord | null>(raw.stop, null),
    leftovers: parse<Leftover[] | null>(raw.leftovers, null) ?? [],
    readyBefore: parse<string[] | null>(raw.readyBefore, null),
  };
}

/** A damaged detail of a run costs only that detail. */
function parse<T>(text: string | null, otherwise: T): T {
  if (text === null) return otherwise;
  try {
    return JSON.parse(text) as T;
  } catch {
    return otherwise;
  }
}

/**
 * `<data directory>/runs/<job id>.<n>`: logs and exit record of one run. There is no folder per job: creating a folder
 * costs as much as a file, which is a lot on a file system where many were just deleted.
 */
export function runFolder(home: string, jobId: string, run: number): string {
  return join(home, 'runs', runIdOf(jobId, run));
}

export function runIdOf(jobId: string, run: number): string {
  return `${jobId}.${run}`;
}

export function logPaths(directory: string, capture: 'separate' | 'merged'): { stdout: string; stderr: string | null } {
  return capture === 'merged'
    ? { stdout: join(directory, 'output.log'), stderr: null }
    : { stdout: join(directory, 'stdout.log'), stderr: join(directory, 'stderr.log') };
}
