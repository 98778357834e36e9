import type { DatabaseSync } from 'node:sqlite';
import type { EventType } from '../api/events.ts';
import { isEnded, type JobStatus, mayFollow, type RunStatus, type WaitingStatus } from '../api/values.ts';
import { Arrays, type Cause } from './arrays.ts';
import { EventTable } from './eventTable.ts';
import { JobTable, type JobMove, type JobRow, type JobSpec, type RawJobRow } from './jobTable.ts';
import { ChunkIndex } from './chunkIndex.ts';
import { RunTable, type AfterRun, type Readiness, type RunEnd, type RunRow } from './runTable.ts';
import { transaction } from './database.ts';

/**
 * The record of all jobs: any room of the engine reads it, and the doctor reads its tables beside the host (`openReadOnly`).
 *
 * A method of this class is a change of a job: checked against the transition table, compared and set, recorded with its
 * event in one transaction, then reported to the listeners. The rows passed in are updated when the change is stored and
 * stay as they were when it is not. Reads and columns without an event go to `jobs`, `runs`, `events` and `chunks`.
 *
 * The order for one job: `createJob` (or `fire` for each time of a schedule), `moveJob` and `placeJobs` while it waits,
 * `beginRun` before anything is spawned, `runStarted`, `setRunStatus`, `setKnown`, `setReadiness` while it runs, `endRun`
 * (which may queue the next attempt in the same transaction), `removeJob`.
 */
export class Store {
  readonly jobs: JobTable;
  readonly runs: RunTable;
  readonly events: EventTable;
  readonly chunks: ChunkIndex;
  readonly arrays: Arrays;
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
    this.chunks = new ChunkIndex(database);
    this.arrays = new Arrays(database, this, {
      change: (jobId, work) => this.#change(jobId, work),
      event: (type, job, detail) => this.#event(type, job, detail),
      notify: (jobId) => this.#notify(jobId),
      now,
    });
  }

  /** Calls the listener with the job's id after every change. @returns a function that removes the listener */
  onChange(listener: (jobId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Parses rows of the table. A damaged one is set aside and does not affect the others. */
  read(raws: readonly (RawJobRow | undefined)[]): JobRow[] {
    return raws.flatMap((raw) => {
      const job = raw && this.arrays.read(raw);
      if (raw && !job) this.#setAside(raw);
      return job ?? [];
    });
  }

  /** @param dueAt when it is to start, in milliseconds since the epoch @param schedule the id of the job that creates it */
  createJob(id: string, spec: JobSpec, dueAt: number | null = null, schedule: string | null = null): JobRow {
    const status = spec.held ? 'held' : dueAt === null ? 'pending' : 'scheduled';
    return this.#change(id, () => {
      const job = this.jobs.insert(id, spec, { status, createdAt: this.#now(), dueAt, schedule });
      const text = schedule ? `by the schedule ${schedule}` : spec.actor === 'agent' ? 'by an agent' : null;
      this.#event('created', job, { toStatus: status, text });
      return job;
    });
  }

  /** Changes between runs: release, cancel, back into the queue. */
  moveJob(job: JobRow, to: WaitingStatus | 'cancelled', cause: Cause = {}, dueAt: number | null = null): void {
    if (job.spec.array && to === 'cancelled') return void this.arrays.cancelWaiting(job, cause);
    const now = this.#now();
    const queuedAt = to === 'pending' ? now : job.queuedAt;
    const change =
      to === 'cancelled'
        ? { finishedAt: now, reason: cause.reason ?? null, reasonText: cause.text ?? null }
        : { finishedAt: null, reason: null, reasonText: null };
    const reset = { queuedAt, dueAt, series: job.run ?? 0, gaveUp: false, queueKey: null, startedAt: null };
    this.#move(job, { status: to, ...reset, ...change }, undefined, cause);
  }

  /** Stores changes of their session, priority, dependencies, time or position in the queue: of all or of none. */
  placeJobs(jobs: readonly JobRow[]): void {
    if (!jobs[0]) return;
    this.#change(jobs[0].id, () => {
      for (const job of jobs) {
        this.#place(job);
        this.#event('updated', job, {});
      }
    });
  }

  /** A schedule has reached its time: creates a job, or none, and sets the next time. */
  fire(
    schedule: JobRow,
    next: { dueAt: number | null; make: { id: string; spec: JobSpec } | undefined; text: string | null },
  ): JobRow | undefined {
    const moved = { ...schedule, dueAt: next.dueAt };
    const created = this.#change(schedule.id, () => {
      this.#place(moved);
      this.#event('fired', schedule, { text: next.text });
      return next.make && this.createJob(next.make.id, next.make.spec, null, schedule.id);
    });
    Object.assign(schedule, moved);
    if (created) this.#notify(created.id);
    return created;
  }

  /** Call it before anything is spawned, so that the run is known whatever happens to the host. */
  beginRun(job: JobRow, readyBefore: string[] | null = null): RunRow {
    const startedAt = this.#now();
    const number = (job.run ?? 0) + 1;
    let run!: RunRow;
    this.#move(job, { status: 'starting', run: number, dueAt: null, queueKey: null }, () => {
      run = this.runs.insert(job.row, number, startedAt, readyBefore);
    });
    return run;
  }

  /** `createJob` and `beginRun` in one transaction, for a job that starts at once. */
  createAndBegin(id: string, spec: JobSpec, readyBefore: string[] | null): { job: JobRow; run: RunRow } {
    return this.#change(id, () => {
      const job = this.createJob(id, spec);
      return { job, run: this.beginRun(job, readyBefore) };
    });
  }

  /** A run that has provably not begun: its job waits again. Another run does not get its number. */
  withdrawRun(job: JobRow, run: RunRow): void {
    const text = 'the job host ended before it was started';
    this.#move(job, { status: 'pending' }, () => this.runs.remove(run.row), { text });
  }

  runStarted(job: JobRow, run: RunRow, supervisor: RunRow['supervisor'], startedAt = run.startedAt): void {
    this.#move(job, { status: 'running' }, () => {
      this.#setRun(job, run, { status: 'running', supervisor, stop: null, startedAt });
    });
    Object.assign(run, { status: 'running', supervisor, startedAt });
  }

  /** Pause, resume, and the beginning of a kill. @param why it is paused */
  setRunStatus(job: JobRow, run: RunRow, to: RunStatus, stop: RunRow['stop'] = null, why: Cause = {}): void {
    const cause = stop ? { reason: stop.reason, text: stop.reasonText ?? stop.signal } : why;
    const pausedAt = to === 'paused' ? this.#now() : null;
    const columns = { status: to, stop, pausedAt, reason: why.reason ?? null, reasonText: why.text ?? null };
    this.#move(job, { status: to }, () => this.#setRun(job, run, columns), cause);
    Object.assign(run, columns);
  }

  /** @param next where the job goes from there, stored in the same transaction */
  endRun(job: JobRow, run: RunRow, end: RunEnd, next: AfterRun = null): void {
    const { status, reason, finishedAt, leftovers } = end;
    // For the event, which outlives the record of the run.
    const text = end.reasonText ?? end.errorMessage ?? end.signal ?? (end.exitCode ? `code ${end.exitCode}` : null);
    const moved = { ...job };
    const work = (): void => {
      if (!this.runs.update(run.row, end, run.status)) throw conflict(job, run.status, status);
      if (leftovers) this.#event('leftovers', job, { text: String(leftovers.length) });
    };
    this.#change(job.id, () => {
      this.#move(moved, { status, finishedAt, gaveUp: next === 'gaveUp' }, work, { reason, text });
      if (next === 'gaveUp') this.#event('gave_up', moved, { text: `after ${run.number - job.series} attempts` });
      else if (typeof next === 'string') this.moveJob(moved, next);
      else if (next)
        this.#move(moved, { status: 'pending', finishedAt: null, queuedAt: finishedAt, dueAt: next.dueAt }, undefined, {
          text: `attempt ${run.number - job.series + 1}`,
        });
    });
    Object.assign(job, moved);
    Object.assign(run, end, { leftovers: leftovers ?? run.leftovers });
  }

  setKnown(job: JobRow, run: RunRow, known: Partial<Pick<RunRow, 'pid' | 'remote'>>): void {
    this.#noteRun(job, run, known);
  }

  setLeftovers(job: JobRow, run: RunRow, leftovers: RunRow['leftovers']): void {
    this.#noteRun(job, run, { leftovers }, 'leftovers', String(leftovers.length));
  }

  /** Its readyWhen has come true or not in time, or something prevents it. */
  setReadiness(job: JobRow, run: RunRow, change: Partial<Readiness>, type: EventType = 'updated'): void {
    this.#noteRun({ ...job, run: run.number }, run, change, type, change.readyText);
  }

  note(job: JobRow, type: 'signalled' | 'notified', text: string): void {
    this.#note(job, type, text);
  }

  /** What a person may change of a job in any status. */
  mark(job: JobRow, change: Partial<Pick<JobRow, 'pinned' | 'spec'>>): void {
    this.#note(job, 'updated', null, () => this.jobs.update(job.row, change));
    Object.assign(job, change);
  }

  /** @returns false if the stored job has changed since `job` was read: it stays */
  removeJob(job: JobRow): boolean {
    return this.#change(job.id, () => {
      const runs = this.arrays.tasks.runRows(job.row);
      if (!this.jobs.remove(job)) return false;
      for (const run of runs) this.chunks.remove(run);
      this.#event('removed', job, { fromStatus: job.status });
      return true;
    });
  }

  /** Removes old runs of a job that continues. */
  removeRuns(runs: readonly RunRow[]): void {
    transaction(this.#database, () => {
      for (const { row } of runs) {
        this.chunks.remove(row);
        this.runs.remove(row);
      }
    });
  }

  #place(job: JobRow): void {
    const { session, spec, task, queueKey, dueAt, status } = job;
    if (!this.jobs.update(job.row, { ...(!task && { spec, session }), queueKey, dueAt }, status))
      throw conflict(job, status, status);
  }

  #setRun(job: JobRow, run: RunRow, columns: Pick<RunRow, 'status' | 'stop'> & Partial<RunRow>): void {
    if (!this.runs.update(run.row, columns, run.status)) throw conflict(job, run.status, columns.status);
  }

  /** One transition of a job with the changes that belong to it, all or nothing. */
  #move(
    job: JobRow,
    change: Partial<JobMove> & Pick<JobMove, 'status'>,
    also: () => void = () => undefined,
    cause: Cause = {},
  ): void {
    const from = job.status;
    const to = change.status;
    if (!mayFollow(from, to)) throw conflict(job, from, to);
    this.#change(job.id, () => {
      also();
      if (!this.jobs.update(job.row, change, from)) throw conflict(job, from, to);
      this.#event('status', { ...job, ...change }, { fromStatus: from, toStatus: to, ...cause });
      this.arrays.noteMove(job, from, to);
    });
    Object.assign(job, change);
  }

  #noteRun(job: JobRow, run: RunRow, change: Partial<RunRow>, type: EventType = 'updated', text?: string | null): void {
    this.#note(job, type, text, () => this.runs.update(run.row, change));
    Object.assign(run, change);
  }

  /** A change that is not a transition, with its event. */
  #note(job: JobRow, type: EventType, text: string | null = null, work: () => void = () => undefined): void {
    this.#change(job.id, () => {
      work();
      this.#event(type, job, { text });
    });
  }

  #event(
    type: EventType,
    job: Pick<JobRow, 'id' | 'session' | 'run'>,
    detail: Cause & { fromStatus?: JobStatus; toStatus?: JobStatus },
  ): void {
    const { id: jobId, session, run } = job;
    this.events.append({ time: this.#now(), type, jobId, run, session, ...detail });
  }

  #change<T>(jobId: string, work: () => T): T {
    // Part of a larger change, which notifies when it is done.
    if (this.#database.isTransaction) return work();
    const result = transaction(this.#database, () => this.arrays.settled(work()));
    this.#notify(jobId);
    return result;
  }

  #notify(jobId: string): void {
    // Later in this tick, when the caller's rows are updated as well.
    queueMicrotask(() => this.#listeners.forEach((listener) => listener(jobId)));
  }

  #setAside(found: RawJobRow): void {
    const raw = (found.array === null ? undefined : this.jobs.byRow(found.array)) ?? found;
    const message = `The record of job ${raw.id} is damaged; it was set aside in the table "damaged" of the store.`;
    this.#change(raw.id, () => {
      this.jobs.setAside(raw, message, this.#now());
      this.#event('removed', raw, { text: 'damaged' });
    });
    this.#warn(message);
  }
}

function conflict(job: JobRow, from: JobStatus, to: JobStatus): Error {
  return new Error(`job ${job.id} cannot go from ${from} to ${to}${isEnded(from) ? ': it has ended' : ''}`);
}
