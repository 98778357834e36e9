import type { DatabaseSync } from 'node:sqlite';
import type { StartErrorCode } from '../api/errors.ts';
import type { SignalName } from '../api/signals.ts';
import type { EndReason, RunStatus, WaitingStatus } from '../api/values.ts';
import type { ProcessIdentity } from '../processes/processSource.ts';

/** What is under way to end a run: stored, so that the next host goes on with it. */
export interface StopRecord {
  signal: SignalName;
  graceMs: number;
  reason: EndReason;
  reasonText: string | null;
  requestedAt: number;
  /** Where the job goes when the run is proven dead: back to wait, or nowhere. Null: what its own options say. */
  next: WaitingStatus | 'ended' | null;
}

/** A process that has outlived the main one: enough to find it again, and no other. */
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
  /** Of the whole tree, in bytes; null where nobody has looked. */
  maxMemory: number | null;
  leftovers: Leftover[];
  /** When its readyWhen came true; null: not yet, or there is none. */
  readyAt: number | null;
  /** When the time for that was up, and it had not come true: it will not any more. */
  notReadyAt: number | null;
  readyUrl: string | null;
  readyText: string | null;
  /** Sockets that listened on its port before; null: nobody has looked yet, or there is no port. */
  readyBefore: string[] | null;
}

/** What has come of a run's readyWhen. */
export type Readiness = Pick<RunRow, 'readyAt' | 'notReadyAt' | 'readyUrl' | 'readyText' | 'readyBefore'>;

interface RawRunRow extends Omit<RunRow, 'supervisor' | 'stop' | 'leftovers' | 'readyBefore'> {
  supervisor: string | null;
  stop: string | null;
  leftovers: string;
  readyBefore: string | null;
}

/** Where a job goes when its run has ended: nowhere, back to wait, to another attempt at that time, or it gave up. */
export type AfterRun = WaitingStatus | 'gaveUp' | { dueAt: number } | null;

/** Everything about the end of a run, written once. */
export type RunEnd = Pick<
  RunRow,
  'exitCode' | 'signal' | 'reason' | 'reasonText' | 'errorCode' | 'errorMessage' | 'stdoutBytes' | 'stderrBytes'
> & { status: RunStatus; finishedAt: number };

/** Queries on the table `runs`. Nothing here decides anything. */
export class RunTable {
  readonly #database: DatabaseSync;
  readonly #ofJob;
  readonly #byNumber;
  readonly #insert;
  readonly #setStatus;
  readonly #setProcess;
  readonly #setPid;
  readonly #setDropped;
  readonly #setLeftovers;
  readonly #setNoLeftovers;
  readonly #withLeftovers;
  readonly #setMaxMemory;
  readonly #setReadiness;
  readonly #end;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#ofJob = database.prepare('SELECT * FROM runs WHERE job = ? ORDER BY number');
    this.#byNumber = database.prepare('SELECT * FROM runs WHERE job = ? AND number = ?');
    this.#insert = database.prepare(
      "INSERT INTO runs (job, number, status, startedAt, readyBefore) VALUES (?, ?, 'starting', ?, ?)",
    );
    this.#setStatus = database.prepare('UPDATE runs SET status = ?, stop = ? WHERE row = ? AND status = ?');
    this.#setProcess = database.prepare('UPDATE runs SET supervisor = ? WHERE row = ?');
    this.#setPid = database.prepare('UPDATE runs SET pid = ? WHERE row = ?');
    this.#setDropped = database.prepare('UPDATE runs SET stdoutDropped = ?, stderrDropped = ? WHERE row = ?');
    this.#setLeftovers = database.prepare('UPDATE runs SET leftovers = ? WHERE row = ?');
    this.#setNoLeftovers = database.prepare(
      "UPDATE runs SET leftovers = '[]' WHERE row IN (SELECT value FROM json_each(?))",
    );
    this.#withLeftovers = database.prepare("SELECT * FROM runs WHERE leftovers <> '[]' AND finishedAt IS NOT NULL");
    this.#setMaxMemory = database.prepare('UPDATE runs SET maxMemory = ? WHERE row = ?');
    this.#setReadiness = database.prepare(
      'UPDATE runs SET readyAt = ?, notReadyAt = ?, readyUrl = ?, readyText = ?, readyBefore = ? WHERE row = ?',
    );
    this.#end = database.prepare(
      `UPDATE runs SET status = ?, exitCode = ?, signal = ?, reason = ?, reasonText = ?, errorCode = ?, errorMessage = ?,
       finishedAt = ?, stdoutBytes = ?, stderrBytes = ? WHERE row = ? AND status = ?`,
    );
  }

  /** Oldest first. */
  ofJob(job: number): RunRow[] {
    return (this.#ofJob.all(job) as unknown as RawRunRow[]).map(read);
  }

  byNumber(job: number, number: number): RunRow | undefined {
    const raw = this.#byNumber.get(job, number) as unknown as RawRunRow | undefined;
    return raw && read(raw);
  }

  /** @returns the new row's number */
  insert(job: number, number: number, startedAt: number, readyBefore: string[] | null): number {
    return Number(this.#insert.run(job, number, startedAt, json(readyBefore)).lastInsertRowid);
  }

  /** Compare and set. @returns false when the stored status is not `from` any more */
  setStatus(row: number, from: RunStatus, to: RunStatus, stop: StopRecord | null): boolean {
    return this.#setStatus.run(to, json(stop), row, from).changes === 1;
  }

  setSupervisor(row: number, supervisor: ProcessIdentity): void {
    this.#setProcess.run(JSON.stringify(supervisor), row);
  }

  setPid(row: number, pid: number): void {
    this.#setPid.run(pid, row);
  }

  setDropped(row: number, stdout: number, stderr: number): void {
    this.#setDropped.run(stdout, stderr, row);
  }

  /** @param leftovers null: they are still to be looked for; read as none */
  setLeftovers(row: number, leftovers: readonly Leftover[] | null): void {
    this.#setLeftovers.run(JSON.stringify(leftovers), row);
  }

  setNoLeftovers(rows: readonly number[]): void {
    this.#setNoLeftovers.run(JSON.stringify(rows));
  }

  /** Ended runs that have left something, or of which that is still to be looked for. */
  withLeftovers(): RunRow[] {
    return (this.#withLeftovers.all() as unknown as RawRunRow[]).map(read);
  }

  /** The rows of the jobs that have more runs than this. */
  jobsWithMoreThan(count: number): number[] {
    const found = this.#database.prepare('SELECT job FROM runs GROUP BY job HAVING count(*) > ?').all(count);
    return found.map(({ job }) => job as number);
  }

  remove(row: number): void {
    this.#database.prepare('DELETE FROM runs WHERE row = ?').run(row);
  }

  setMaxMemory(row: number, bytes: number): void {
    this.#setMaxMemory.run(bytes, row);
  }

  setReadiness(row: number, { readyAt, notReadyAt, readyUrl, readyText, readyBefore }: Readiness): void {
    this.#setReadiness.run(readyAt, notReadyAt, readyUrl, readyText, json(readyBefore), row);
  }

  /** Compare and set. @returns false when the stored status is not `from` any more */
  end(row: number, from: RunStatus, end: RunEnd): boolean {
    const result = this.#end.run(
      end.status,
      end.exitCode,
      end.signal,
      end.reason,
      end.reasonText,
      end.errorCode,
      end.errorMessage,
      end.finishedAt,
      end.stdoutBytes,
      end.stderrBytes,
      row,
      from,
    );
    return result.changes === 1;
  }

  /** What the logs of ended runs hold, in bytes: of all jobs or of one. */
  logBytes(job?: number): number {
    const found = this.#database
      .prepare(
        `SELECT total(stdoutBytes - stdoutDropped + stderrBytes - stderrDropped) AS bytes FROM runs
         WHERE finishedAt IS NOT NULL AND (?1 IS NULL OR job = ?1)`,
      )
      .get(job ?? null);
    return (found as { bytes: number }).bytes;
  }

  /** Over the runs that have ended after they started; null when there are none. */
  averageDuration(): number | null {
    const found = this.#database
      .prepare('SELECT avg(finishedAt - startedAt) AS average FROM runs WHERE finishedAt IS NOT NULL')
      .get();
    return (found as { average: number | null }).average;
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

function json(value: object | null): string | null {
  return value && JSON.stringify(value);
}

/** A damaged detail of a run costs that detail alone. */
function parse<T>(text: string | null, otherwise: T): T {
  if (text === null) return otherwise;
  try {
    return JSON.parse(text) as T;
  } catch {
    return otherwise;
  }
}
