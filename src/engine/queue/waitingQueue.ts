import type { Direction } from '../../api/values.ts';
import { hasRoom, sessionLimit, type Occupant, type Places, type RunningLimits } from './slots.ts';

/** How much waiting weighs as much as one level of priority: 10 minutes, so that nothing starves. */
const ageingStepMs = 600_000;

/** Between two places that were dealt out anew: more than the precision of a time in a double. */
const keyStep = 1 / 256;

/** A job in the queue. */
export interface Waiting extends Occupant {
  /** In the store: who was made first has the lower one. */
  row: number;
  /** 1 to 10, higher first. */
  priority: number;
  /** Milliseconds since the epoch. */
  queuedAt: number;
  /** Its place, where somebody has moved it: see {@link Entry.key}. */
  queueKey: number | null;
}

interface Entry {
  job: Waiting;
  /**
   * Lower is earlier. Priority grows with waiting at the same pace for all, so the order between two jobs never changes
   * and one number per job holds it: queuedAt − priority × step.
   */
  key: number;
}

export interface TakeOptions {
  limits: RunningLimits;
  places: Places;
  isPaused: (session: string) => boolean;
  /** Whether nothing may start now; asked only when something could. */
  isHeldBack?: () => boolean;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * Jobs that may start when there is a place. Within a session: highest priority first, then oldest. Between sessions:
 * the highest priority first; at the same priority the session that has the fewest running jobs, then the one that was
 * served the longest time ago.
 */
export class WaitingQueue {
  /** Per session, in order: a session at its limit is passed over as a whole. */
  readonly #sessions = new Map<string, Entry[]>();
  readonly #entries = new Map<string, Entry>();
  readonly #served = new Map<string, number>();
  #taken = 0;

  get size(): number {
    return this.#entries.size;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  add(job: Waiting): void {
    const key = job.queueKey ?? job.queuedAt - job.priority * ageingStepMs;
    const entry = { job, key };
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
  take({ limits, places, isPaused, isHeldBack, now }: TakeOptions): Waiting | undefined {
    if (!hasRoom(limits.maxConcurrentJobs, places.total)) return undefined;
    let next: Entry | undefined;
    for (const [session, entries] of this.#sessions) {
      if (isPaused(session) || !hasRoom(sessionLimit(limits, session), places.inSession(session))) continue;
      const head = entries.find(({ job }) => places.holderOf(job.mutex) === undefined);
      if (head && (!next || this.#isBefore(head, next, places, now))) next = head;
    }
    if (!next || isHeldBack?.()) return undefined;
    this.remove(next.job.id);
    this.#noteServed(next.job.session);
    return next.job;
  }

  /**
   * What a move among those of its session comes to: their places are dealt out anew. Nothing is changed here yet.
   * @returns the jobs that get another place, with it; empty when the job is not here
   */
  move(id: string, to: Direction): { id: string; queueKey: number }[] {
    const entry = this.#entries.get(id);
    const entries = entry && this.#sessions.get(entry.job.session);
    if (!entry || !entries) return [];
    const from = entries.indexOf(entry);
    const moved = entries.toSpliced(from, 1);
    moved.splice(target(to, from, moved.length), 0, entry);
    const changed: { id: string; queueKey: number }[] = [];
    let last = -Infinity;
    for (const [index, one] of moved.entries()) {
      const queueKey = Math.max(entries[index]?.key ?? one.key, last + keyStep);
      if (queueKey !== one.key) changed.push({ id: one.job.id, queueKey });
      last = queueKey;
    }
    return changed;
  }

  /** All ids, each session's in its order, as they would start with room for one at a time. */
  order({ now }: Pick<TakeOptions, 'now'>, places: Places): string[] {
    const heads = [...this.#sessions.values()].map((entries) => ({ entries, next: 0 }));
    const ids: string[] = [];
    for (;;) {
      let best: { head: (typeof heads)[number]; entry: Entry } | undefined;
      for (const head of heads) {
        const entry = head.entries[head.next];
        if (entry && (!best || this.#isBefore(entry, best.entry, places, now, head.next, best.head.next)))
          best = { head, entry };
      }
      if (!best) return ids;
      best.head.next++;
      ids.push(best.entry.job.id);
    }
  }

  /** @param a,b heads of two sessions @param ahead how many of their sessions would start before them */
  #isBefore(a: Entry, b: Entry, places: Places, now: number, aheadOfA = 0, aheadOfB = 0): boolean {
    const levels = level(b, now) - level(a, now);
    if (levels !== 0) return levels < 0;
    const running = places.inSession(a.job.session) + aheadOfA - places.inSession(b.job.session) - aheadOfB;
    if (running !== 0) return running < 0;
    const served = (this.#served.get(a.job.session) ?? 0) - (this.#served.get(b.job.session) ?? 0);
    return served === 0 ? before(a, b) : served < 0;
  }

  #noteServed(session: string): void {
    this.#served.set(session, ++this.#taken);
    // Of sessions that have nothing here any more, only a bounded number is remembered.
    if (this.#served.size <= 1000) return;
    for (const known of this.#served.keys()) if (!this.#sessions.has(known)) this.#served.delete(known);
  }
}

/** Priority and what waiting has added to it, in whole levels. */
function level({ key }: Entry, now: number): number {
  return Math.floor((now - key) / ageingStepMs);
}

function before(a: Entry, b: Entry): boolean {
  return a.key < b.key || (a.key === b.key && a.job.row < b.job.row);
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

/** @param from its index before @param last the last index there is */
function target(to: Direction, from: number, last: number): number {
  switch (to) {
    case 'up':
      return Math.max(0, from - 1);
    case 'down':
      return Math.min(last, from + 1);
    case 'first':
      return 0;
    case 'last':
      return last;
  }
}
