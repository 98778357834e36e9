import type { RunningLimits } from '../../../../src/engine/queue/slots.ts';
import { isWaiting, judge, type Direction, type ModelJob } from './modelJob.ts';

const levelMs = 600_000;

/** All jobs, and who of them comes next: everybody is looked at, each time. */
export class ModelQueue {
  readonly jobs: ModelJob[] = [];
  limits: RunningLimits = { maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0, sessionLimits: {} };
  isPaused = false;
  pausedSessions: string[] = [];
  now: number;
  protected served: string[] = [];

  constructor(now: number) {
    this.now = now;
  }

  get there(): ModelJob[] {
    return this.jobs.filter(({ isRemoved }) => !isRemoved);
  }

  get running(): ModelJob[] {
    return this.there.filter(({ status }) => status === 'running');
  }

  move(job: ModelJob, to: Direction): void {
    const before = this.#queued(job.spec.session);
    const keys = before.map((one) => this.#key(one));
    const from = before.indexOf(job);
    const others = before.filter((one) => one !== job);
    const place = { up: Math.max(0, from - 1), down: Math.min(others.length, from + 1), first: 0, last: others.length };
    const after = [...others.slice(0, place[to]), job, ...others.slice(place[to])];
    let last = -Infinity;
    for (const [index, one] of after.entries()) {
      const key = Math.max(keys[index] ?? 0, last + 1 / 256);
      if (key !== this.#key(one)) one.queueKey = key;
      last = key;
    }
  }

  isQueued(job: ModelJob): boolean {
    return this.mayWait(job) && this.verdict(job) === 'met';
  }

  verdict({ spec }: ModelJob): 'met' | 'open' | 'failed' {
    const verdicts = spec.dependsOn.map(({ on, condition }) => judge(on, condition));
    if (verdicts.includes('failed')) return spec.ifDependencyFails === 'cancel' ? 'failed' : 'open';
    return verdicts.includes('open') ? 'open' : 'met';
  }

  waitsFor(job: ModelJob): string | null {
    const { session, mutex } = job.spec;
    if (job.status === 'scheduled') return 'time';
    if (job.status !== 'pending') return null;
    if (job.dueAt !== undefined && job.dueAt > this.now) return 'retry';
    if (this.verdict(job) === 'open') return 'dependency';
    if (this.isPaused || this.pausedSessions.includes(session)) return 'paused';
    if (!this.#hasRoom(session)) return 'limit';
    return this.#holds(mutex) ? 'mutex' : null;
  }

  /** As the queue is shown. */
  order(): ModelJob[] {
    const sessions = [...new Set(this.there.map(({ spec }) => spec.session))];
    const heads = sessions.map((session) => ({ session, left: this.#queued(session), ahead: 0 }));
    const order: ModelJob[] = [];
    for (;;) {
      const candidates = heads.flatMap((head) => (head.left[0] ? [{ head, job: head.left[0] }] : []));
      candidates.sort((a, b) => this.#compare(a.job, b.job, a.head.ahead, b.head.ahead));
      const [best] = candidates;
      if (!best) break;
      best.head.left.shift();
      best.head.ahead++;
      order.push(best.job);
    }
    const others = this.there.filter((job) => isWaiting(job) && job.status !== 'held' && !order.includes(job));
    others.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.row - b.row);
    return [...order, ...others];
  }

  nextToStart(): ModelJob | undefined {
    if (this.isPaused) return undefined;
    const sessions = [...new Set(this.there.map(({ spec }) => spec.session))];
    const open = sessions.filter((session) => !this.pausedSessions.includes(session) && this.#hasRoom(session));
    const heads = open.flatMap((session) => this.#queued(session).find(({ spec }) => !this.#holds(spec.mutex)) ?? []);
    return heads.sort((a, b) => this.#compare(a, b))[0];
  }

  #compare(a: ModelJob, b: ModelJob, aheadOfA = 0, aheadOfB = 0): number {
    return (
      this.#level(b) - this.#level(a) ||
      this.#inSession(a) + aheadOfA - this.#inSession(b) - aheadOfB ||
      this.served.lastIndexOf(a.spec.session) - this.served.lastIndexOf(b.spec.session) ||
      this.#key(a) - this.#key(b) ||
      a.row - b.row
    );
  }

  #queued(session: string): ModelJob[] {
    const queued = this.there.filter((job) => job.spec.session === session && this.isQueued(job));
    return queued.sort((a, b) => this.#key(a) - this.#key(b) || a.row - b.row);
  }

  #key({ queueKey, queuedAt, spec }: ModelJob): number {
    return queueKey ?? queuedAt - spec.priority * levelMs;
  }

  #level(job: ModelJob): number {
    return Math.floor((this.now - this.#key(job)) / levelMs);
  }

  #inSession({ spec }: ModelJob): number {
    return this.running.filter((job) => job.spec.session === spec.session).length;
  }

  #hasRoom(session: string): boolean {
    const { maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits } = this.limits;
    const limit = new Map(Object.entries(sessionLimits)).get(session) ?? maxConcurrentJobsPerSession;
    const inSession = this.running.filter(({ spec }) => spec.session === session).length;
    return (limit === 0 || inSession < limit) && (maxConcurrentJobs === 0 || this.running.length < maxConcurrentJobs);
  }

  #holds(mutex: string | undefined): boolean {
    return mutex !== undefined && this.running.some(({ spec }) => spec.mutex === mutex);
  }

  mayWait({ status, isTimed }: ModelJob): boolean {
    return status === 'pending' && !isTimed;
  }
}
