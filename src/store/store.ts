import type { DatabaseSync } from 'node:sqlite';
import type { EventType } from '../api/events.ts';
import {
  type EndReason,
  isEnded,
  type JobStatus,
  mayFollow,
  type RunStatus,
  type WaitingStatus,
} from '../api/values.ts';
import { parseSpec, type JobSpec } from './jobSpec.ts';
import { SqliteChunkIndex } from './sqliteChunkIndex.ts';
import type { ProcessIdentity } from '../processes/processSource.ts';
import { transaction } from './database.ts';
import { endText, EventTable } from './eventTable.ts';
import { freshJob, JobTable, type JobMove, type JobRow, type RawJobRow } from './jobTable.ts';
import {
  RunTable,
  type AfterRun,
  type Leftover,
  type Readiness,
  type RunEnd,
  type RunRow,
  type StopRecord,
} from './runTable.ts';

interface Cause {
  reason?: EndReason | null;
  text?: string | null;
}

/**
 * Every change of a job: checked against the transition table, compared and set, recorded together with its event in one
 * transaction, told to the listeners afterwards. The rows handed in are brought up to date when the change is in the
 * store, and stay as they were when it is not.
 */
export class Store {
  readonly jobs: JobTable;
  readonly runs: RunTable;
  readonly events: EventTable;
  readonly chunks: SqliteChunkIndex;
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  readonly #warn: (message: string) => void;
  readonly #listeners = new Set<(jobId: string) => void>();

  constructor(database: DatabaseSync, now: () => number, warn: (message: string) => void) {
    this.#database = database;
    this.#now = now;
    this.#warn = warn;
    this.jobs = new JobTable(database);
    this.runs = new RunTable(database);
    this.events = new EventTable(database);
    this.chunks = new SqliteChunkIndex(database);
  }

  /** Called after every change, with the id of the job. @returns a function that ends it */
  onChange(listener: (jobId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes rows of what the table has; a row that cannot be read is set aside, and costs no other. */
  read(raws: readonly (RawJobRow | undefined)[]): JobRow[] {
    const rows: JobRow[] = [];
    for (const raw of raws) {
      if (!raw) continue;
      const spec = parseSpec(raw.spec);
      if (spec) rows.push({ ...raw, spec, pinned: raw.pinned === 1, gaveUp: raw.gaveUp === 1 });
      else this.#setAside(raw);
    }
    return rows;
  }

  /** @param dueAt a time at which it is to start, in milliseconds @param schedule the id of the job that makes it */
  createJob(id: string, spec: JobSpec, dueAt: number | null = null, schedule: string | null = null): JobRow {
    const createdAt = this.#now();
    const status = spec.held ? 'held' : dueAt === null ? 'pending' : 'scheduled';
    const common = { id, session: spec.session, status, spec, createdAt, dueAt, schedule } as const;
    const row = this.#change(id, () => {
      const inserted = this.jobs.insert(common);
      const text = schedule ? `by the schedule ${schedule}` : spec.actor === 'agent' ? 'by an agent' : null;
      this.#event('created', { id, session: spec.session, run: null }, { to: status, text });
      return inserted;
    });
    return { ...freshJob, ...common, row, queuedAt: createdAt };
  }

  /** For changes between runs: release, cancel, back into the queue. */
  moveJob(job: JobRow, to: WaitingStatus | 'cancelled', cause: Cause = {}, dueAt: number | null = null): void {
    const now = this.#now();
    const queuedAt = to === 'pending' ? now : job.queuedAt;
    const change =
      to === 'cancelled'
        ? { finishedAt: now, reason: cause.reason ?? null, reasonText: cause.text ?? null }
        : { finishedAt: null, reason: null, reasonText: null };
    const anew = { queuedAt, dueAt, series: job.run ?? 0, gaveUp: false, queueKey: null };
    this.#move(job, { status: to, ...anew, ...change }, undefined, cause);
  }

  /** Their priority, dependencies, time or place in the queue have changed, and are written: of all or of none. */
  placeJobs(jobs: readonly JobRow[]): void {
    if (!jobs[0]) return;
    this.#change(jobs[0].id, () => {
      for (const job of jobs) {
        if (!this.jobs.setPlace(job)) throw conflict(job, job.status, job.status);
        this.#event('updated', job, {});
      }
    });
  }

  /** A schedule has reached its time: a job of its own is made, or none, and the next time is set. */
  fire(
    schedule: JobRow,
    next: { dueAt: number | null; make: { id: string; spec: JobSpec } | undefined; text: string | null },
  ): JobRow | undefined {
    const moved = { ...schedule, dueAt: next.dueAt };
    const made = this.#change(schedule.id, () => {
      if (!this.jobs.setPlace(moved)) throw conflict(schedule, schedule.status, schedule.status);
      this.#event('fired', schedule, { text: next.text });
      return next.make && this.createJob(next.make.id, next.make.spec, null, schedule.id);
    });
    Object.assign(schedule, moved);
    if (made) this.#tell(made.id);
    return made;
  }

  /** Before anything is spawned, so that a run is known whatever happens to the host. */
  beginRun(job: JobRow, readyBefore: string[] | null = null): RunRow {
    const startedAt = this.#now();
    const number = (job.run ?? 0) + 1;
    this.#move(job, { status: 'starting', run: number, dueAt: null, queueKey: null }, () =>
      this.runs.insert(job.row, number, startedAt, readyBefore),
    );
    const run = this.runs.byNumber(job.row, number);
    if (!run) throw new Error(`run ${number} of job ${job.id} was not stored`);
    return run;
  }

  runStarted(job: JobRow, run: RunRow, supervisor: ProcessIdentity): void {
    this.#move(job, { status: 'running' }, () => {
      this.runs.setSupervisor(run.row, supervisor);
      this.#setRunStatus(job, run, 'running', null);
    });
    Object.assign(run, { status: 'running', supervisor });
  }

  /** pause, resume, and the beginning of a stop. */
  setRunStatus(job: JobRow, run: RunRow, to: 'running' | 'paused' | 'stopping', stop: StopRecord | null = null): void {
    const cause = stop ? { reason: stop.reason, text: stop.reasonText ?? stop.signal } : {};
    this.#move(job, { status: to }, () => this.#setRunStatus(job, run, to, stop), cause);
    Object.assign(run, { status: to, stop });
  }

  /** @param next where the job goes from there: both or neither are in the store */
  endRun(job: JobRow, run: RunRow, end: RunEnd, next: AfterRun = null): void {
    const { status, reason, finishedAt } = end;
    const moved = { ...job };
    const work = (): void => {
      if (!this.runs.end(run.row, run.status, end)) throw conflict(job, run.status, status);
    };
    this.#change(job.id, () => {
      this.#move(moved, { status, finishedAt, gaveUp: next === 'gaveUp' }, work, { reason, text: endText(end) });
      if (next === 'gaveUp') this.#event('gave_up', moved, { text: `after ${run.number - job.series} attempts` });
      else if (typeof next === 'string') this.moveJob(moved, next);
      else if (next)
        this.#move(moved, { status: 'pending', finishedAt: null, queuedAt: finishedAt, dueAt: next.dueAt }, undefined, {
          text: `attempt ${run.number - job.series + 1}`,
        });
    });
    Object.assign(job, moved);
    Object.assign(run, end);
  }

  setPid(job: JobRow, run: RunRow, pid: number): void {
    this.#note(job, 'updated', null, () => this.runs.setPid(run.row, pid));
    run.pid = pid;
  }

  setLeftovers(job: JobRow, run: RunRow, leftovers: Leftover[]): void {
    this.#note(job, 'leftovers', String(leftovers.length), () => this.runs.setLeftovers(run.row, leftovers));
    run.leftovers = leftovers;
  }

  /** What has come of its readyWhen, or what is in its way. */
  setReadiness(job: JobRow, run: RunRow, change: Partial<Readiness>, type: EventType = 'updated'): void {
    const ofRun = { ...job, run: run.number };
    this.#note(ofRun, type, change.readyText ?? null, () => this.runs.setReadiness(run.row, { ...run, ...change }));
    Object.assign(run, change);
  }

  signalled(job: JobRow, signal: string): void {
    this.#note(job, 'signalled', signal, () => undefined);
  }

  setPinned(job: JobRow, pinned: boolean): void {
    this.#note(job, 'updated', null, () => this.jobs.setPinned(job.row, pinned));
    job.pinned = pinned;
  }

  /** @returns false when the stored job is not the one given any more: it stays */
  removeJob(job: JobRow): boolean {
    return this.#change(job.id, () => {
      const runs = this.runs.ofJob(job.row);
      if (!this.jobs.remove(job)) return false;
      for (const run of runs) this.chunks.remove(run.row);
      this.#event('removed', job, {});
      return true;
    });
  }

  /** Old ones, of a job that goes on. */
  removeRuns(runs: readonly RunRow[]): void {
    transaction(this.#database, () => {
      for (const { row } of runs) {
        this.chunks.remove(row);
        this.runs.remove(row);
      }
    });
  }

  #setRunStatus(job: JobRow, run: RunRow, to: RunStatus, stop: StopRecord | null): void {
    if (!this.runs.setStatus(run.row, run.status, to, stop)) throw conflict(job, run.status, to);
  }

  /** One transition of a job, with what belongs to it, all or nothing. */
  #move(
    job: JobRow,
    change: Partial<JobMove> & Pick<JobMove, 'status'>,
    also: () => void = () => undefined,
    cause: Cause = {},
  ): void {
    const from = job.status;
    const to: JobMove = { ...job, ...change };
    if (!mayFollow(from, to.status)) throw conflict(job, from, to.status);
    this.#change(job.id, () => {
      also();
      if (!this.jobs.setStatus(job.row, from, to)) throw conflict(job, from, to.status);
      this.#event('status', { ...job, run: to.run }, { from, to: to.status, ...cause });
    });
    Object.assign(job, to);
  }

  /** A change that is no transition, with its event. */
  #note(job: JobRow, type: EventType, text: string | null, work: () => void): void {
    this.#change(job.id, () => {
      work();
      this.#event(type, job, { text });
    });
  }

  #event(
    type: EventType,
    job: Pick<JobRow, 'id' | 'session' | 'run'>,
    detail: Cause & { from?: JobStatus; to?: JobStatus },
  ): void {
    this.events.append({
      time: this.#now(),
      type,
      jobId: job.id,
      run: job.run,
      session: job.session,
      fromStatus: detail.from ?? null,
      toStatus: detail.to ?? null,
      reason: detail.reason ?? null,
      text: detail.text ?? null,
    });
  }

  #change<T>(jobId: string, work: () => T): T {
    // Part of a greater change, which is told when it is done.
    if (this.#database.isTransaction) return work();
    const result = transaction(this.#database, work);
    this.#tell(jobId);
    return result;
  }

  #tell(jobId: string): void {
    // Later in this tick, when the caller's rows are up to date as well.
    queueMicrotask(() => this.#listeners.forEach((listener) => listener(jobId)));
  }

  #setAside(raw: RawJobRow): void {
    const message = `The record of job ${raw.id} is damaged; it was set aside in the table "damaged" of the store.`;
    this.#change(raw.id, () => {
      this.#database
        .prepare('INSERT INTO damaged (id, message, record, foundAt) VALUES (?, ?, ?, ?)')
        .run(raw.id, message, JSON.stringify(raw), this.#now());
      this.jobs.remove(raw);
      this.#event('removed', raw, { text: 'damaged' });
    });
    this.#warn(message);
  }
}

function conflict(job: JobRow, from: JobStatus, to: JobStatus): Error {
  return new Error(`job ${job.id} cannot go from ${from} to ${to}${isEnded(from) ? ': it has ended' : ''}`);
}
