import type { JobRow } from '../../store/jobTable.ts';

/** 0 means no limit. */
export interface RunningLimits {
  maxConcurrentJobs: number;
  maxConcurrentJobsPerSession: number;
  /** Overrides the limit per session, keyed by session. */
  sessionLimits: Readonly<Record<string, number>>;
}

export interface QueueRules extends RunningLimits {
  queuePaused: boolean;
  pausedSessions: readonly string[];
}

/** What a running job takes: a slot of its session, and the mutex that it names. */
export interface Occupant {
  id: string;
  session: string;
  mutex?: string | undefined;
}

export function occupantOf({ id, session, spec }: JobRow): Occupant {
  return { id, session, mutex: spec.mutex };
}

/** The slots that are taken: in total, by session, by mutex. */
export class Slots {
  readonly #sessions = new Map<string, number>();
  readonly #mutexes = new Map<string, string>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  inSession(session: string): number {
    return this.#sessions.get(session) ?? 0;
  }

  /** The id of the job that has the mutex. */
  holderOf(mutex: string | undefined): string | undefined {
    return mutex === undefined ? undefined : this.#mutexes.get(mutex);
  }

  /** The limit that a new job of the session would wait for; null if there is room. */
  limitFor(session: string, limits: RunningLimits): { scope: 'session' | 'host'; maximum: number } | null {
    const ofSession = sessionLimit(limits, session);
    if (!hasRoom(ofSession, this.inSession(session))) return { scope: 'session', maximum: ofSession };
    const { maxConcurrentJobs } = limits;
    return hasRoom(maxConcurrentJobs, this.total) ? null : { scope: 'host', maximum: maxConcurrentJobs };
  }

  take({ id, session, mutex }: Occupant): void {
    this.#total++;
    this.#sessions.set(session, this.inSession(session) + 1);
    if (mutex !== undefined) this.#mutexes.set(mutex, id);
  }

  free({ id, session, mutex }: Occupant): void {
    this.#total--;
    const left = this.inSession(session) - 1;
    if (left > 0) this.#sessions.set(session, left);
    else this.#sessions.delete(session);
    if (mutex !== undefined && this.#mutexes.get(mutex) === id) this.#mutexes.delete(mutex);
  }
}

export function sessionLimit(limits: RunningLimits, session: string): number {
  return Object.hasOwn(limits.sessionLimits, session)
    ? (limits.sessionLimits[session] ?? 0)
    : limits.maxConcurrentJobsPerSession;
}

export function hasRoom(limit: number, running: number): boolean {
  return limit === 0 || running < limit;
}
