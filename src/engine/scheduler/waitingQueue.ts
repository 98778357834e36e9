/** How much waiting weighs as much as one level of priority: 10 minutes, so that nothing starves. */
const ageingStepMs = 600_000;

/** A job in the queue. */
export interface Waiting {
  id: string;
  session: string;
  /** 1 to 10, higher first. */
  priority: number;
  /** Milliseconds since the epoch. */
  queuedAt: number;
}

/** 0 means no limit. */
export interface RunningLimits {
  maxConcurrentJobs: number;
  maxConcurrentJobsPerSession: number;
}

interface Entry {
  job: Waiting;
  key: number;
  order: number;
}

/**
 * Jobs that wait for a place: highest priority first, then oldest. Priority grows with waiting at the same pace for all,
 * so the order between two jobs never changes and one number per job holds it: queuedAt − priority × step.
 */
export class WaitingQueue {
  /** Per session, in order: a session at its limit is passed over as a whole. */
  readonly #sessions = new Map<string, Entry[]>();
  readonly #entries = new Map<string, Entry>();
  #added = 0;

  get size(): number {
    return this.#entries.size;
  }

  add(job: Waiting): void {
    const entry = { job, key: job.queuedAt - job.priority * ageingStepMs, order: this.#added++ };
    let entries = this.#sessions.get(job.session);
    if (!entries) this.#sessions.set(job.session, (entries = []));
    entries.splice(position(entries, entry), 0, entry);
    this.#entries.set(job.id, entry);
  }

  /** @returns whether it was there */
  remove(id: string): boolean {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    this.#entries.delete(id);
    const { session } = entry.job;
    const entries = this.#sessions.get(session) ?? [];
    entries.splice(position(entries, entry), 1);
    if (entries.length === 0) this.#sessions.delete(session);
    return true;
  }

  /** Takes the next job that may start, if there is one. */
  take(limits: RunningLimits, running: RunningCount): Waiting | undefined {
    if (!hasRoom(limits.maxConcurrentJobs, running.total)) return undefined;
    let next: Entry | undefined;
    for (const [session, [head]] of this.#sessions) {
      if (!head || !hasRoom(limits.maxConcurrentJobsPerSession, running.inSession(session))) continue;
      if (!next || before(head, next)) next = head;
    }
    if (next) this.remove(next.job.id);
    return next?.job;
  }
}

/** How many jobs hold a place, in all and by session. */
export class RunningCount {
  readonly #sessions = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  inSession(session: string): number {
    return this.#sessions.get(session) ?? 0;
  }

  add(session: string): void {
    this.#total++;
    this.#sessions.set(session, this.inSession(session) + 1);
  }

  remove(session: string): void {
    this.#total--;
    const left = this.inSession(session) - 1;
    if (left > 0) this.#sessions.set(session, left);
    else this.#sessions.delete(session);
  }
}

export function hasRoom(limit: number, running: number): boolean {
  return limit === 0 || running < limit;
}

function before(a: Entry, b: Entry): boolean {
  return a.key < b.key || (a.key === b.key && a.order < b.order);
}

/** Where `entry` stands, or belongs, in an ordered list. */
function position(entries: readonly Entry[], entry: Entry): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = entries[middle];
    if (other && before(other, entry)) low = middle + 1;
    else high = middle;
  }
  return low;
}
