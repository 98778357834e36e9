import type { WaitingFor } from '../../protocol/job.ts';
import type { ResourceGuard } from '../resources/guard.ts';
import type { JobRow } from '../store/jobTable.ts';
import { DependencyGraph, judgeAll, type Blocking, type Observed } from './dependencies.ts';
import { DueTimes } from './dueTimes.ts';
import { hasRoom, Places, sessionLimit, type Occupant, type RunningLimits } from './places.ts';
import { WaitingQueue, type Direction } from './waitingQueue.ts';

/** How long to wait after a start that could not even be recorded (disk full). */
const retryMs = 2000;

export interface QueueRules extends RunningLimits {
  queuePaused: boolean;
  pausedSessions: readonly string[];
}

export interface SchedulerParts {
  rules: () => QueueRules;
  now: () => number;
  /** Holds starts back while the machine is short of something. */
  guard: Pick<ResourceGuard, 'held' | 'recheck'>;
  observe: (jobId: string) => Observed | undefined;
  /** Begins a run at once, or throws and leaves the job waiting; `failed` is told then. */
  start: (job: JobRow) => void;
  failed: (job: JobRow, error: unknown) => void;
  /** What the job needs cannot come true any more. */
  dependencyFailed: (job: JobRow, failed: Blocking) => void;
  /** A job that is `scheduled` has reached its time. */
  due: (job: JobRow) => void;
  /** The clock was set back by more than an hour. */
  clockSetBack: () => void;
}

/** Decides which waiting job starts when. Whoever starts runs tells it when a place is taken and when it is free. */
export class Scheduler {
  readonly #parts: SchedulerParts;
  /** All that wait to be started by themselves, in the queue or not yet. */
  readonly #jobs = new Map<string, JobRow>();
  readonly #queue = new WaitingQueue();
  readonly #graph = new DependencyGraph();
  readonly #times: DueTimes;
  readonly #places = new Places();
  #retry: NodeJS.Timeout | undefined;
  #isStarting = false;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#times = new DueTimes(parts.now, {
      due: (id) => this.#due(id),
      setBack: () => {
        parts.clockSetBack();
      },
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
    if (job.status === 'held') return;
    this.#jobs.set(job.id, job);
    if (job.dueAt !== null && (job.status === 'scheduled' || job.dueAt > this.#parts.now())) {
      this.#times.set(job.id, job.dueAt);
    } else if (job.status === 'pending') this.#settle(job);
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
    const dependents = this.#graph.dependentsOf(jobId);
    for (const job of dependents) if (this.#jobs.has(job.id) && !this.#times.get(job.id)) this.#settle(job);
    if (dependents.length > 0) this.startNext();
  }

  took(job: JobRow): void {
    this.#places.take(occupant(job));
  }

  freed(job: JobRow): void {
    this.#places.free(occupant(job));
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

  /** Moves a job among those of its session that may start. @returns the jobs whose `queueKey` is another one now */
  move(jobId: string, to: Direction): JobRow[] {
    return this.#queue.move(jobId, to).flatMap(({ id, queueKey }) => {
      const job = this.#jobs.get(id);
      return job ? Object.assign(job, { queueKey }) : [];
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
    const { verdict, blocking } = judgeAll(job, this.#parts.observe);
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
    // What it needs may have been started again since it was put here.
    if (judgeAll(job, this.#parts.observe).verdict !== 'met') {
      this.#settle(job);
      return true;
    }
    this.#jobs.delete(job.id);
    this.#graph.remove(job.id);
    try {
      this.#parts.start(job);
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

  /** Into the queue, or out of it, by what it depends on. */
  #settle(job: JobRow): void {
    if (job.status !== 'pending') return;
    const { verdict, blocking } = judgeAll(job, this.#parts.observe);
    if (verdict === 'met') {
      if (!this.#queue.has(job.id)) this.#queue.add({ ...occupant(job), ...place(job) });
      return;
    }
    this.#queue.remove(job.id);
    if (verdict === 'open') return;
    this.#carefully(job, () => {
      this.#parts.dependencyFailed(job, blocking);
      this.remove(job.id);
    });
  }

  #due(id: string): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    if (job.status === 'scheduled') this.#carefully(job, () => this.#parts.due(job));
    else {
      this.#settle(job);
      this.startNext();
    }
  }

  /** What cannot be recorded now (disk full) is tried again. */
  #carefully(job: JobRow, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.failed(job, error);
      this.#times.set(job.id, this.#parts.now() + retryMs);
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

function place({ spec, queuedAt, queueKey }: JobRow): { priority: number; queuedAt: number; queueKey: number | null } {
  return { priority: spec.priority, queuedAt, queueKey };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
