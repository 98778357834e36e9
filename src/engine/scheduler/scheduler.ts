import type { WaitingFor } from '../../protocol/job.ts';
import type { JobRow } from '../store/jobTable.ts';
import { hasRoom, RunningCount, WaitingQueue, type RunningLimits } from './waitingQueue.ts';

/** How long to wait after a start that could not even be recorded (disk full). */
const retryMs = 2000;

/** Decides which waiting job starts when. Whoever starts runs tells it when a place is taken and when it is free. */
export class Scheduler {
  readonly #limits: () => RunningLimits;
  readonly #start: (job: JobRow) => void;
  readonly #failed: (job: JobRow, error: unknown) => void;
  readonly #queue = new WaitingQueue();
  readonly #jobs = new Map<string, JobRow>();
  readonly #running = new RunningCount();
  #retry: NodeJS.Timeout | undefined;

  /** @param start begins a run at once, or throws and leaves the job waiting; `failed` is told then */
  constructor(
    limits: () => RunningLimits,
    start: (job: JobRow) => void,
    failed: (job: JobRow, error: unknown) => void,
  ) {
    this.#limits = limits;
    this.#start = start;
    this.#failed = failed;
  }

  /** How many jobs wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** How many hold a place. */
  get running(): number {
    return this.#running.total;
  }

  add(job: JobRow): void {
    const { id, session, queuedAt } = job;
    this.#jobs.set(id, job);
    this.#queue.add({ id, session, queuedAt, priority: job.spec.priority });
  }

  /** @returns the job, which will not start now; undefined when it does not wait */
  remove(jobId: string): JobRow | undefined {
    const job = this.#jobs.get(jobId);
    this.#jobs.delete(jobId);
    this.#queue.remove(jobId);
    return job;
  }

  took(session: string): void {
    this.#running.add(session);
  }

  freed(session: string): void {
    this.#running.remove(session);
    this.startNext();
  }

  /** Starts what may start now. */
  startNext(): void {
    for (;;) {
      const next = this.#queue.take(this.#limits(), this.#running);
      const job = next && this.#jobs.get(next.id);
      if (!job) return;
      this.#jobs.delete(job.id);
      try {
        this.#start(job);
      } catch (error) {
        this.add(job);
        this.#failed(job, error);
        this.#retry ??= setTimeout(() => {
          this.#retry = undefined;
          this.startNext();
        }, retryMs);
        return;
      }
    }
  }

  /** The limit that a new job of the session would wait behind; null when it would start at once. */
  waitingFor(session: string): WaitingFor | null {
    const { maxConcurrentJobs, maxConcurrentJobsPerSession } = this.#limits();
    if (!hasRoom(maxConcurrentJobsPerSession, this.#running.inSession(session))) {
      return { type: 'limit', scope: 'session', maximum: maxConcurrentJobsPerSession };
    }
    if (!hasRoom(maxConcurrentJobs, this.#running.total)) {
      return { type: 'limit', scope: 'host', maximum: maxConcurrentJobs };
    }
    return null;
  }

  dispose(): void {
    clearTimeout(this.#retry);
  }
}
