import { failureText, DependencyGraph, observe, type Blocking } from './dependencies.ts';
import { DueTimes, Schedules } from './schedules.ts';
import type { ResourceGuard } from './resourceGuard.ts';
import { Slots, WaitingQueue, occupantOf, waitingOf, type QueueRules } from './waitingQueue.ts';
import type { Direction } from '../../api/values.ts';
import type { WaitingFor } from '../../api/job.ts';
import { diskRetryMs } from '../../store/database.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';

interface SchedulerDeps {
  store: Store;
  rules: () => QueueRules;
  /** Holds starts back while the machine is short of memory or overloaded. */
  guard: Pick<ResourceGuard, 'held' | 'recheck'>;
  /** Starts a run at once, or throws and leaves the job waiting. */
  start: (job: JobRow) => void;
  /** Gives a job that a schedule creates the environment of the schedule. */
  shareEnvironment: (schedule: string, job: string) => void;
  now: () => number;
  log: (message: string) => void;
}

/**
 * The queue: decides which waiting job starts when. `jobs`, `runs` and the wiring of the engine use it; this room imports
 * `api` and `store`.
 *
 * The engine adds every waiting job after a restart and calls `startNext`. Afterwards the requests call `add` when a job
 * begins to wait or waits for something else, `remove` when it does not wait any more, then `startNext`. A run reports
 * `took` when it begins and `freed` when its end is recorded; the store reports every change of a job to `changed`.
 */
export class Scheduler {
  /** Decides what happens at the times that jobs name. */
  readonly schedules: Schedules;
  readonly graph: DependencyGraph;
  readonly #deps: SchedulerDeps;
  /** All jobs that wait to be started automatically, in the queue or not yet. */
  readonly #jobs = new Map<string, JobRow>();
  readonly #queue = new WaitingQueue();
  readonly #times: DueTimes;
  readonly #slots = new Slots();
  #retry: NodeJS.Timeout | undefined;
  #isStarting = false;

  constructor(deps: SchedulerDeps) {
    const { store, shareEnvironment, now } = deps;
    this.#deps = deps;
    this.schedules = new Schedules(store, this, shareEnvironment, now);
    this.graph = new DependencyGraph((jobId) => observe(store, jobId));
    this.#times = new DueTimes(now, { due: (ids) => this.#due(ids), setBack: () => this.clockSetBack() });
  }

  /** The number of jobs that wait for a slot, for other jobs or for a time, without held ones. */
  get waiting(): number {
    return this.#jobs.size;
  }

  /** The number of jobs that hold a slot. */
  get running(): number {
    return this.#slots.total;
  }

  /** Adds or updates a waiting job. A held one is recorded as a dependent of others but does not start. */
  add(job: JobRow): void {
    this.remove(job.id);
    this.graph.add(job);
    if (job.status !== 'held') {
      this.#jobs.set(job.id, job);
      if (job.dueAt !== null && (job.status === 'scheduled' || job.dueAt > this.#deps.now())) {
        this.#times.set(job.id, job.dueAt);
      }
    }
    this.#settle([job, ...this.graph.changed(job.id)]);
  }

  /** @returns the job, which will not start now; undefined if it was not waiting */
  remove(jobId: string): JobRow | undefined {
    const job = this.#jobs.get(jobId);
    this.#jobs.delete(jobId);
    this.#queue.remove(jobId);
    this.#times.delete(jobId);
    this.graph.remove(jobId);
    return job;
  }

  get(jobId: string): JobRow | undefined {
    return this.#jobs.get(jobId);
  }

  /** This job has changed: jobs that depend on it may start, or never will. */
  changed(jobId: string): void {
    const dependents = this.graph.changed(jobId);
    this.#settle(dependents);
    if (dependents.length > 0) this.startNext();
  }

  took(job: JobRow): void {
    this.#slots.take(occupantOf(job));
  }

  /** Its end is recorded: jobs that waited for that compete for the slot. */
  freed(job: JobRow): void {
    this.#slots.free(occupantOf(job));
    this.#settle(this.graph.changed(job.id));
    this.startNext();
  }

  /** Starts all jobs that may start now. */
  startNext(): void {
    // Not again from within: a start that fails at once makes other jobs ready.
    if (this.#isStarting) return;
    this.#withoutStarts(() => {
      while (this.#startOne());
    });
  }

  /** @returns the jobs of its session whose position this changes, with the new one: store them, then add them again */
  move(jobId: string, to: Direction): JobRow[] {
    return this.#queue.move(jobId, to).flatMap(({ id, queueKey }) => {
      const job = this.#jobs.get(id);
      return job ? { ...job, queueKey } : [];
    });
  }

  isQueued(jobId: string): boolean {
    return this.#queue.has(jobId);
  }

  /** The waiting jobs: first those that may start, in their order, then the others, by time. */
  inOrder(): JobRow[] {
    const queued = this.#queue.order({ now: this.#deps.now() }, this.#slots);
    const others = [...this.#jobs.values()].filter(({ id }) => !this.#queue.has(id)).sort(byTime);
    return [...queued.flatMap((id) => this.#jobs.get(id) ?? []), ...others];
  }

  /** What a new job of the session would wait for if it needed nothing else; null if there is room. */
  limitFor(session: string): Extract<WaitingFor, { type: 'limit' | 'resources' }> | null {
    const limit = this.#slots.limitFor(session, this.#deps.rules());
    if (limit) return { type: 'limit', ...limit };
    const text = this.#deps.guard.held();
    return text === null ? null : { type: 'resources', text };
  }

  /** Whether a new job would start at once: nothing else is queued, and there is room for it. */
  startsAtOnce({ session, mutex, dependsOn, held }: JobRow['spec']): boolean {
    const isPaused = this.#deps.rules().queuePaused || this.#isPaused(session);
    if (held || dependsOn.length > 0 || this.#queue.size > 0 || isPaused) return false;
    return this.#slots.holderOf(mutex) === undefined && this.limitFor(session) === null;
  }

  /** The job was started without being queued: it counts as the turn of its session. */
  startedAtOnce(job: JobRow): void {
    this.#queue.noteServed(job.session);
  }

  /** Why a waiting job has not started; null if it is about to. */
  waitingFor(job: JobRow): WaitingFor | null {
    const { session, dueAt } = job;
    const { mutex, retry } = job.spec;
    const until = new Date(dueAt ?? 0).toISOString();
    if (job.status === 'scheduled') return dueAt === null ? null : { type: 'time', until };
    if (dueAt !== null && dueAt > this.#deps.now()) {
      const attempt = (job.run ?? 0) - job.series + 1;
      return { type: 'retry', until, attempt, maxAttempts: retry?.maxAttempts ?? null };
    }
    const { verdict, blocking } = this.graph.judge(job);
    if (verdict === 'open') return { type: 'dependency', jobs: blocking };
    const { queuePaused } = this.#deps.rules();
    if (queuePaused || this.#isPaused(session)) return { type: 'paused', scope: queuePaused ? 'host' : 'session' };
    const jobId = this.#slots.holderOf(mutex);
    const byMutex = mutex === undefined || jobId === undefined ? null : ({ type: 'mutex', mutex, jobId } as const);
    return this.limitFor(session) ?? byMutex;
  }

  /** Calculates times again: they may come from a clock that was wrong. */
  clockSetBack(): void {
    for (const job of this.inOrder().filter(({ id }) => this.#times.has(id))) {
      try {
        this.schedules.clockSetBack(job);
      } catch (error) {
        this.#logFailure(job, error);
      }
    }
  }

  dispose(): void {
    clearTimeout(this.#retry);
    this.#times.dispose();
  }

  #startOne(): boolean {
    const rules = this.#deps.rules();
    if (rules.queuePaused || this.#queue.size === 0) return false;
    const next = this.#queue.take({
      limits: rules,
      slots: this.#slots,
      isPaused: (session) => this.#isPaused(session),
      isHeldBack: () => this.#isHeldBack(),
      now: this.#deps.now(),
    });
    const job = next && this.#jobs.get(next.id);
    if (!job) return false;
    // A job that it depends on may have been removed since it was queued.
    if (this.graph.judge(job).verdict !== 'met') {
      this.#settle([job]);
      return true;
    }
    this.#jobs.delete(job.id);
    this.graph.remove(job.id);
    try {
      this.#deps.start(job);
      this.#settle(this.graph.changed(job.id));
      return true;
    } catch (error) {
      this.add(job);
      this.#logFailure(job, error);
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.startNext();
      }, diskRetryMs);
      return false;
    }
  }

  /** Puts jobs into the queue or takes them out by their dependencies, then also the dependents of those it cancels. */
  #settle(jobs: readonly JobRow[]): void {
    const left = [...jobs];
    for (let job = left.pop(); job; job = left.pop()) {
      if (job.status !== 'pending' || !this.#jobs.has(job.id) || this.#times.has(job.id)) continue;
      const { verdict, blocking } = this.graph.judge(job);
      if (verdict !== 'met') this.#queue.remove(job.id);
      else if (!this.#queue.has(job.id)) this.#queue.add(waitingOf(job));
      if (verdict === 'failed' && this.#cancel(job, blocking)) left.push(...this.graph.changed(job.id));
    }
  }

  #cancel(job: JobRow, failed: Blocking): boolean {
    return this.#orLater(job, () => {
      const text = failed.map(failureText).join(', ');
      this.#deps.store.moveJob(job, 'cancelled', { reason: 'dependency_failed', text });
      this.remove(job.id);
    });
  }

  /** Jobs that are due at the same time compete for the slots together. */
  #due(ids: readonly string[]): void {
    const jobs = ids.flatMap((id) => this.#jobs.get(id) ?? []).sort(byTime);
    this.#withoutStarts(() => {
      for (const job of jobs) {
        if (job.status === 'scheduled') this.#orLater(job, () => this.schedules.due(job));
        else this.#settle([job]);
      }
    });
    this.startNext();
  }

  /** Runs `work`, in which {@link startNext} does nothing. */
  #withoutStarts(work: () => void): void {
    this.#isStarting = true;
    try {
      work();
    } finally {
      this.#isStarting = false;
    }
  }

  /** Retries work that cannot be recorded now because the disk is full. */
  #orLater(job: JobRow, work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#logFailure(job, error);
      this.#times.set(job.id, this.#deps.now() + diskRetryMs);
      return false;
    }
  }

  #logFailure({ id }: JobRow, error: unknown): void {
    this.#deps.log(`Job ${id} could not continue yet: ${String(error)}`);
  }

  /** Called only if a job waits for nothing else. */
  #isHeldBack(): boolean {
    const { guard } = this.#deps;
    if (guard.held() === null) return false;
    guard.recheck();
    return true;
  }

  #isPaused(session: string): boolean {
    return this.#deps.rules().pausedSessions.includes(session);
  }
}

function byTime(a: JobRow, b: JobRow): number {
  return (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.row - b.row;
}
