import { join } from 'node:path';
import type { StartErrorCode } from '../api/errors.ts';
import type { Stream } from '../api/output.ts';
import type { Remote } from '../api/remote.ts';
import type { SignalName } from '../api/signals.ts';
import type { EndReason, RunStatus, WaitingStatus } from '../api/values.ts';
import type { ProcessIdentity } from '../processes/processSource.ts';
import type { Moment } from './clock.ts';
import { Table } from './database.ts';
import { manyRuns } from './schema.ts';

/** A kill that is under way: stored so that the next host continues it. */
export interface StopRecord extends Partial<Pick<Moment, 'awakeAt'>> {
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
  supervisor: (ProcessIdentity & Partial<Moment>) | null;
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
  /** Since when it is paused. */
  pausedAt: number | null;
  /** Where it is, if it is not on this machine. */
  remote: Remote | null;
}

/** The state of a run's readyWhen. */
export type Readiness = Pick<RunRow, 'readyAt' | 'notReadyAt' | 'readyUrl' | 'readyText' | 'readyBefore'>;

interface RawRunRow extends Omit<RunRow, 'supervisor' | 'stop' | 'leftovers' | 'readyBefore' | 'remote'> {
  supervisor: string | null;
  stop: string | null;
  leftovers: string;
  readyBefore: string | null;
  remote: string | null;
}

/** Where a job goes when its run has ended: nowhere, back into the queue, to another attempt at `dueAt`, or it gives up. */
export type AfterRun = WaitingStatus | 'gaveUp' | { dueAt: number } | null;

/** Everything about the end of a run, written once. */
export type RunEnd = Pick<
  RunRow,
  'exitCode' | 'signal' | 'reason' | 'reasonText' | 'errorCode' | 'errorMessage' | 'stdoutBytes' | 'stderrBytes'
> & {
  status: RunStatus;
  startedAt?: number;
  finishedAt: number;
  /** Null: they are still to be searched for. */
  leftovers?: Leftover[] | null;
  maxMemory?: number;
};

/** How a run ended, without the number of bytes it has written. */
export type End = Omit<RunEnd, 'stdoutBytes' | 'stderrBytes'>;

/** The columns that may be set. `leftovers` null: they are still to be searched for; read as none. */
type RunColumns = Omit<RunRow, 'row' | 'job' | 'number' | 'leftovers'> & { leftovers: readonly Leftover[] | null };

/** Queries on the table `runs`, without any decision. Callers: `Store`, which also records events, and the doctor. */
export class RunTable extends Table {
  /** Oldest first. */
  ofJob(job: number): RunRow[] {
    return this.all<RawRunRow>('SELECT * FROM runs WHERE job = ? ORDER BY number', job).map(read);
  }

  /** By job, each oldest first. @param jobs rows */
  ofJobs(jobs: readonly number[]): Map<number, RunRow[]> {
    const query = 'SELECT * FROM runs WHERE job IN (SELECT value FROM json_each(?)) ORDER BY job, number';
    return Map.groupBy(this.all<RawRunRow>(query, JSON.stringify(jobs)).map(read), ({ job }) => job);
  }

  byNumber(job: number, number: number | null): RunRow | undefined {
    const raw = this.get<RawRunRow>('SELECT * FROM runs WHERE job = ? AND number = ?', job, number);
    return raw && read(raw);
  }

  insert(job: number, number: number, startedAt: number, readyBefore: string[] | null): RunRow {
    const insert = `INSERT INTO runs (job, number, status, startedAt, readyBefore)
      VALUES (?, ?, 'starting', ?, ?) RETURNING *`;
    return read(this.get<RawRunRow>(insert, job, number, startedAt, readyBefore && JSON.stringify(readyBefore))!);
  }

  /** Compares and sets if `from` is given. @returns false if the stored status is not `from` any more */
  update(row: number, columns: Partial<RunColumns>, from?: RunStatus): boolean {
    // Null is stored as JSON, because the column has a value always.
    const leftovers = columns.leftovers === null ? 'null' : columns.leftovers;
    return this.set('runs', row, { ...columns, leftovers }, from);
  }

  /** Records in one statement that these runs have no orphans. */
  clearLeftovers(rows: readonly number[]): void {
    const update = "UPDATE runs SET leftovers = '[]' WHERE row IN (SELECT value FROM json_each(?))";
    this.run(update, JSON.stringify(rows));
  }

  /** Ended runs that have orphans, or whose orphans are still to be searched for. */
  withLeftovers(): RunRow[] {
    return this.all<RawRunRow>("SELECT * FROM runs WHERE leftovers <> '[]' AND finishedAt IS NOT NULL").map(read);
  }

  /** The rows of the jobs that have had more than {@link manyRuns} runs. */
  jobsWithMany(): number[] {
    const query = `SELECT DISTINCT job FROM runs INDEXED BY runsAfterMany WHERE number > ${manyRuns}`;
    return this.all<RunRow>(query).map(({ job }) => job);
  }

  remove(row: number): void {
    this.run('DELETE FROM runs WHERE row = ?', row);
  }

  /** The size of the logs of ended runs of a job and of its tasks, in bytes. */
  logBytes(job: number): number {
    const query = `SELECT total(stdoutBytes - stdoutDropped + stderrBytes - stderrDropped) AS bytes FROM runs
       WHERE finishedAt IS NOT NULL AND (job = ?1 OR job IN (SELECT row FROM jobs WHERE array = ?1))`;
    return this.get<{ bytes: number }>(query, job)!.bytes;
  }

  /** How long runs took that were successful (milliseconds), the newest first. @param parts of the specs of their jobs */
  durations(parts: readonly [string, string]): number[] {
    const query = `SELECT finishedAt - startedAt AS duration FROM runs WHERE status = 'completed' AND job IN
        (SELECT row FROM (SELECT row, spec FROM jobs WHERE array IS NULL ORDER BY row DESC LIMIT 500)
         WHERE instr(spec, ?) AND instr(spec, ?))
      ORDER BY row DESC LIMIT 20`;
    return this.all<{ duration: number }>(query, ...parts).map(({ duration }) => duration);
  }

  /** All that have ended: how many, the size of their logs in bytes, and how long they took together in milliseconds. */
  ended(): { total: number; logBytes: number; durationMs: number } {
    return this.get('SELECT * FROM endedRuns')!;
  }
}

function read(raw: RawRunRow): RunRow {
  return {
    ...raw,
    supervisor: parse<ProcessIdentity | null>(raw.supervisor, null),
    stop: parse<StopRecord | null>(raw.stop, null),
    leftovers: parse<Leftover[] | null>(raw.leftovers, null) ?? [],
    readyBefore: parse<string[] | null>(raw.readyBefore, null),
    remote: parse<Remote | null>(raw.remote, null),
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

/** The log files of one run, and what was dropped from their beginnings. */
export interface RunLogs {
  /** The run's key in the chunk index. */
  readonly run: number;
  /** Absolute paths. With `capture: merged` both streams are in stdout's and stderr is null. */
  readonly stdout: string;
  readonly stderr: string | null;
  /** Per stream. */
  readonly maxLogBytes: number;
  readonly whenFull: 'drop' | 'pause' | 'end';
  /** The sizes of the streams when the run was last resumed: with `whenFull: pause` only older bytes are dropped. */
  readonly resumedAt: Record<Stream, number>;
  /**
   * Bytes at the beginning of each stream that maxLogBytes has dropped: offsets stay, those bytes are gone.
   * The tracker moves them on, so readers share this very object with it: see OutputTracker.logsOf.
   */
  readonly dropped: Record<Stream, number>;
}

/** The logs of a run as its record has them, without what the tracker changes. */
export function logsOf(
  home: string,
  {
    id,
    spec,
  }: { id: string; spec: { capture: 'separate' | 'merged'; maxLogBytes: number; whenFull: RunLogs['whenFull'] } },
  run: RunRow,
): RunLogs {
  const paths = logPaths(runFolder(home, id, run.number), spec.capture);
  const dropped = { stdout: run.stdoutDropped, stderr: run.stderrDropped };
  return {
    run: run.row,
    ...paths,
    maxLogBytes: spec.maxLogBytes,
    whenFull: spec.whenFull,
    resumedAt: { stdout: 0, stderr: 0 },
    dropped,
  };
}

/** One file, or one for each stream. */
export function logFiles({ stdout, stderr }: Pick<RunLogs, 'stdout' | 'stderr'>): string[] {
  return stderr === null ? [stdout] : [stdout, stderr];
}
