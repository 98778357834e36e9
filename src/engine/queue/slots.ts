/** 0 means no limit. */
export interface RunningLimits {
  maxConcurrentJobs: number;
  maxConcurrentJobsPerSession: number;
  /** Instead of the one before, by session. */
  sessionLimits: Readonly<Record<string, number>>;
}

/** What a running job takes: a place of its session, and the mutex it names. */
export interface Occupant {
  id: string;
  session: string;
  mutex?: string | undefined;
}

/** Which places are taken: in all, by session, by mutex. */
export class Places {
  readonly #sessions = new Map<string, number>();
  readonly #mutexes = new Map<string, string>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  inSession(session: string): number {
    return this.#sessions.get(session) ?? 0;
  }

  /** The id of the job that has it. */
  holderOf(mutex: string | undefined): string | undefined {
    return mutex === undefined ? undefined : this.#mutexes.get(mutex);
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
