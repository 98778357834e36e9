import type { WaitingFor } from '../../api/job.ts';
import type { Direction } from '../../api/values.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { DependencyGraph, type Blocking } from './dependencies.ts';
import { DueTimes } from './dueTimes.ts';
import { hasRoom, Places, sessionLimit, type Occupant } from './slots.ts';
import type { SchedulerParts } from './schedulerDeps.ts';
import { WaitingQueue, type Waiting } from './waitingQueue.ts';

/** How long to wait after a start that could not even be recorded (disk full). */
const retryMs = 2000;

/** Decides which waiting job starts when. Whoever starts runs tells it when a place is taken and when it is free. */
export class Scheduler {
  readonly #parts: SchedulerParts;
  /** All that wait to be started by themselves, in the queue or not yet. */
  readonly #jobs = new Map<string, JobRow>();
  readonly #queue = new WaitingQueue();
  readonly #graph: DependencyGraph;
  readonly #times: DueTimes;
  readonly #places = new Places();
  #retry: NodeJS.Timeout | undefined;
  #isStarting = false;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#graph = new DependencyGraph(parts.observe);
    this.#times = new DueTimes(parts.now, {
      due: (ids) => this.#due(ids),
      setBack: () => this.clockSetBack(),
    });
  }

  /** How many jobs wait, for a place, for others or for a time. Held ones do not. */
  get waiting(): number {
    return this.#jobs.size;
  }

  /** How many hold a place. */
  get running(): number {
    return this.#places.total;
  }

  get graph(): DependencyGraph {
    return this.#graph;
  }

  /** A job that waits: it starts when everything is there that it needs. A held one is only known to need others. */
  add(job: JobRow): void {
    this.remove(job.id);
    this.#graph.add(job);
    if (job.status !== 'held') {
      this.#jobs.set(job.id, job);
      if (job.dueAt !== null && (job.status === 'scheduled' || job.dueAt > this.#parts.now())) {
        this.#times.set(job.id, job.dueAt);
      }
    }
    this.#settle([job, ...this.#graph.changed(job.id)]);
  }

  /** @returns the job, which will not start now; undefined when it does not wait */
  remove(jobId: string): JobRow | undefined {
    const job = this.#jobs.get(jobId);
    this.#jobs.delete(jobId);
    this.#queue.remove(jobId);
    this.#times.delete(jobId);
    this.#graph.remove(jobId);
    return job;
  }

  get(jobId: string): JobRow | undefined {
    return this.#jobs.get(jobId);
  }

  /** Something about this job is different: those that depend on it may start, or never will. */
  changed(jobId: string): void {
    const dependents = this.#graph.changed(jobId);
    this.#settle(dependents);
    if (dependents.length > 0) this.startNext();
  }

  took(job: JobRow): void {
    this.#places.take(occupant(job));
  }

  /** Its end is recorded: who has waited for that competes for the place. */
  freed(job: JobRow): void {
    this.#places.free(occupant(job));
    this.#settle(this.#graph.changed(job.id));
    this.startNext();
  }

  /** Starts what may start now. */
  startNext(): void {
    // A start that fails at once makes others ready.
    if (this.#isStarting) return;
    this.#isStarting = true;
    try {
      while (this.#startOne());
    } finally {
      this.#isStarting = false;
    }
  }

  /** @returns the jobs of its session that get another place by this move, with it: to be stored, then added again */
  move(jobId: string, to: Direction): JobRow[] {
    return this.#queue.move(jobId, to).flatMap(({ id, queueKey }) => {
      const job = this.#jobs.get(id);
      return job ? { ...job, queueKey } : [];
    });
  }

  isQueued(jobId: string): boolean {
    return this.#queue.has(jobId);
  }

  /** Those that wait: first the ones that may start, in their order, then the others, by time. */
  inOrder(): JobRow[] {
    const queued = this.#queue.order({ now: this.#parts.now() }, this.#places);
    const others = [...this.#jobs.values()].filter(({ id }) => !this.#queue.has(id));
    others.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.row - b.row);
    return [...queued.flatMap((id) => this.#jobs.get(id) ?? []), ...others];
  }

  /** What a new job of the session would wait for, though it needs nothing else; null when there is room. */
  limitFor(session: string): Extract<WaitingFor, { type: 'limit' | 'resources' }> | null {
    const rules = this.#parts.rules();
    const ofSession = sessionLimit(rules, session);
    if (!hasRoom(ofSession, this.#places.inSession(session))) {
      return { type: 'limit', scope: 'session', maximum: ofSession };
    }
    if (!hasRoom(rules.maxConcurrentJobs, this.#places.total)) {
      return { type: 'limit', scope: 'host', maximum: rules.maxConcurrentJobs };
    }
    const text = this.#parts.guard.held();
    return text === null ? null : { type: 'resources', text };
  }

  /** Why a job that waits has not started; null when it is about to. */
  waitingFor(job: JobRow): WaitingFor | null {
    const { session, spec } = job;
    if (job.status === 'scheduled') return job.dueAt === null ? null : { type: 'time', until: isoTime(job.dueAt) };
    if (job.dueAt !== null && job.dueAt > this.#parts.now()) {
      const attempt = (job.run ?? 0) - job.series + 1;
      return { type: 'retry', until: isoTime(job.dueAt), attempt, maxAttempts: spec.retry?.maxAttempts ?? null };
    }
    const { verdict, blocking } = this.#graph.judge(job);
    if (verdict === 'open') return { type: 'dependency', jobs: blocking };
    const { queuePaused } = this.#parts.rules();
    if (queuePaused || this.#isPaused(session)) return { type: 'paused', scope: queuePaused ? 'host' : 'session' };
    const limit = this.limitFor(session);
    if (limit) return limit;
    const holder = this.#places.holderOf(spec.mutex);
    return holder === undefined || spec.mutex === undefined
      ? null
      : { type: 'mutex', mutex: spec.mutex, jobId: holder };
  }

  /** Times may have been reckoned by a clock that was wrong. */
  clockSetBack(): void {
    for (const job of this.inOrder()) {
      if (!this.#times.has(job.id)) continue;
      try {
        this.#parts.clockSetBack(job);
      } catch (error) {
        this.#parts.failed(job, error);
      }
    }
  }

  dispose(): void {
    clearTimeout(this.#retry);
    this.#times.dispose();
  }

  #startOne(): boolean {
    const rules = this.#parts.rules();
    if (rules.queuePaused || this.#queue.size === 0) return false;
    const isPaused = (session: string): boolean => this.#isPaused(session);
    const isHeldBack = (): boolean => this.#isHeldBack();
    const next = this.#queue.take({
      limits: rules,
      places: this.#places,
      isPaused,
      isHeldBack,
      now: this.#parts.now(),
    });
    const job = next && this.#jobs.get(next.id);
    if (!job) return false;
    // What it needs may have been removed since it was put here.
    if (this.#graph.judge(job).verdict !== 'met') {
      this.#settle([job]);
      return true;
    }
    this.#jobs.delete(job.id);
    this.#graph.remove(job.id);
    try {
      this.#parts.start(job);
      this.#settle(this.#graph.changed(job.id));
      return true;
    } catch (error) {
      this.add(job);
      this.#parts.failed(job, error);
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.startNext();
      }, retryMs);
      return false;
    }
  }

  /** Into the queue, or out of it, by what they depend on; then those that depend on what was cancelled for that. */
  #settle(jobs: readonly JobRow[]): void {
    const left = [...jobs];
    for (let job = left.pop(); job; job = left.pop()) {
      if (job.status !== 'pending' || !this.#jobs.has(job.id) || this.#times.has(job.id)) continue;
      const { verdict, blocking } = this.#graph.judge(job);
      if (verdict === 'met') this.#enqueue(job);
      else this.#queue.remove(job.id);
      if (verdict === 'failed' && this.#cancel(job, blocking)) left.push(...this.#graph.changed(job.id));
    }
  }

  #enqueue(job: JobRow): void {
    if (!this.#queue.has(job.id)) this.#queue.add({ ...occupant(job), ...place(job) });
  }

  #cancel(job: JobRow, failed: Blocking): boolean {
    return this.#carefully(job, () => {
      this.#parts.dependencyFailed(job, failed);
      this.remove(job.id);
    });
  }

  /** What is due at the same time competes for the places together. */
  #due(ids: readonly string[]): void {
    const jobs = ids.flatMap((id) => this.#jobs.get(id) ?? []);
    jobs.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.row - b.row);
    this.#isStarting = true;
    try {
      for (const job of jobs) {
        if (job.status === 'scheduled') this.#carefully(job, () => this.#parts.due(job));
        else this.#settle([job]);
      }
    } finally {
      this.#isStarting = false;
    }
    this.startNext();
  }

  /** What cannot be recorded now (disk full) is tried again. */
  #carefully(job: JobRow, work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#parts.failed(job, error);
      this.#times.set(job.id, this.#parts.now() + retryMs);
      return false;
    }
  }

  /** Asked when there is a job that waits for nothing else. */
  #isHeldBack(): boolean {
    const { guard } = this.#parts;
    if (guard.held() === null) return false;
    guard.recheck();
    return true;
  }

  #isPaused(session: string): boolean {
    return this.#parts.rules().pausedSessions.includes(session);
  }
}

function occupant({ id, session, spec }: JobRow): Occupant {
  return { id, session, mutex: spec.mutex };
}

function place({ row, spec, queuedAt, queueKey }: JobRow): Omit<Waiting, keyof Occupant> {
  return { row, priority: spec.priority, queuedAt, queueKey };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
