import { freemem, loadavg } from 'node:os';
import type { Direction } from '../../api/values.ts';
import { isElsewhere } from '../../api/values.ts';
import type { JobRow, JobSpec } from '../../store/jobTable.ts';
import type { SettingsStore } from '../../store/settingsStore.ts';
import { hasRoom, sessionLimit, type Occupant, type RunningLimits, type Slots } from './slots.ts';

/** Waiting this long raises the priority by one level: 10 minutes, so that no job starves. */
const ageingStepMs = 600_000;

/** Between two reassigned positions: more than the precision of a time in a double. */
const keyStep = 1 / 256;

/** What decides when a job in the queue starts: `priority` is 1 to 10, higher first; {@link Entry.key} tells the `queueKey`. */
export type Waiting = Occupant &
  Pick<JobRow, 'row' | 'queuedAt' | 'queueKey'> & { spec: Pick<JobSpec, 'priority' | 'runner'> };

interface Entry {
  job: Waiting;
  /**
   * Lower is earlier. Waiting raises the priority of all jobs at the same pace, so the order of two jobs never changes and
   * one number per job holds it: queuedAt − priority × step.
   */
  key: number;
}

interface TakeOptions {
  limits: RunningLimits;
  slots: Slots;
  isPaused: (session: string) => boolean;
  /** Whether the session has used up a quota; called only if it has room. */
  isOverQuota?: (session: string) => boolean;
  /** Whether nothing may start now; called only if something could. */
  isHeldBack?: () => boolean;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * Jobs that may start when there is a slot. Within a session: highest priority first, then oldest. Between sessions:
 * the highest priority first; at the same priority the session with the fewest running jobs, then the one that was
 * served longest ago.
 */
export class WaitingQueue {
  /** Per session, in order: a session at its limit is skipped as a whole. */
  readonly #sessions = new Map<string, Entry[]>();
  readonly #entries = new Map<string, Entry>();
  /** The number of jobs that take nothing of this machine. */
  #elsewhere = 0;
  readonly #served = new Map<string, number>();
  #taken = 0;

  get size(): number {
    return this.#entries.size;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  add(job: Waiting): void {
    const key = job.queueKey ?? job.queuedAt - job.spec.priority * ageingStepMs;
    const entry = { job, key };
    let entries = this.#sessions.get(job.session);
    if (!entries) this.#sessions.set(job.session, (entries = []));
    entries.splice(position(entries, entry), 0, entry);
    this.#entries.set(job.id, entry);
    if (isElsewhere(job.spec)) this.#elsewhere++;
  }

  /** @returns whether it was there */
  remove(id: string): boolean {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    this.#entries.delete(id);
    if (isElsewhere(entry.job.spec)) this.#elsewhere--;
    const { session } = entry.job;
    const entries = this.#sessions.get(session) ?? [];
    entries.splice(position(entries, entry), 1);
    if (entries.length === 0) this.#sessions.delete(session);
    return true;
  }

  /** Takes the next job that may start, if there is one. */
  take(options: TakeOptions): Waiting | undefined {
    const { limits, slots, isHeldBack } = options;
    const isFull = !hasRoom(limits.maxConcurrentJobs, slots.total);
    let next = this.#next(options, isFull);
    if (next && !isElsewhere(next.job.spec) && isHeldBack?.()) next = this.#next(options, true);
    if (!next) return undefined;
    this.remove(next.job.id);
    this.noteServed(next.job.session);
    return next.job;
  }

  /** @param isFull nothing more may start on this machine */
  #next({ limits, slots, isPaused, isOverQuota, now }: TakeOptions, isFull: boolean): Entry | undefined {
    if (isFull && this.#elsewhere === 0) return undefined;
    let next: Entry | undefined;
    for (const [session, entries] of this.#sessions) {
      if (isPaused(session)) continue;
      const isFullSession = isFull || !hasRoom(sessionLimit(limits, session), slots.inSession(session));
      const hasNoRoom = isFullSession || isOverQuota?.(session) === true;
      if (hasNoRoom && this.#elsewhere === 0) continue;
      const head = entries.find(
        ({ job }) =>
          !(hasNoRoom && !isElsewhere(job.spec)) &&
          slots.holderOf(job.spec.mutex) === undefined &&
          slots.arrayLimitFor(job) === null,
      );
      if (head && (!next || this.#isBefore(head, next, slots, now))) next = head;
    }
    return next;
  }

  /**
   * Calculates a move among the jobs of its session: it reassigns their positions. Changes nothing here yet.
   * @param to a job of the session that it is put before, or where else
   * @returns the jobs whose position changes, with the new one; empty if the job is not in the queue
   */
  move(id: string, to: Direction | { before: string }): { id: string; queueKey: number }[] {
    const entry = this.#entries.get(id);
    const entries = entry && this.#sessions.get(entry.job.session);
    if (!entry || !entries) return [];
    const from = entries.indexOf(entry);
    const moved = entries.toSpliced(from, 1);
    const last = moved.length;
    const place = { up: Math.max(0, from - 1), down: Math.min(last, from + 1), first: 0, last };
    const target = typeof to === 'string' ? place[to] : moved.findIndex(({ job }) => job.id === to.before);
    if (target < 0) return [];
    moved.splice(target, 0, entry);
    const changed: { id: string; queueKey: number }[] = [];
    let previous = -Infinity;
    for (const [index, one] of moved.entries()) {
      const queueKey = Math.max(entries[index]?.key ?? one.key, previous + keyStep);
      if (queueKey !== one.key) changed.push({ id: one.job.id, queueKey });
      previous = queueKey;
    }
    return changed;
  }

  /** All ids in the order in which the jobs would start with room for one at a time. */
  order({ now }: Pick<TakeOptions, 'now'>, slots: Slots): string[] {
    const heads = [...this.#sessions.values()].map((entries) => ({ entries, next: 0 }));
    const ids: string[] = [];
    for (;;) {
      let best: { head: (typeof heads)[number]; entry: Entry } | undefined;
      for (const head of heads) {
        const entry = head.entries[head.next];
        if (entry && (!best || this.#isBefore(entry, best.entry, slots, now, head.next, best.head.next)))
          best = { head, entry };
      }
      if (!best) return ids;
      best.head.next++;
      ids.push(best.entry.job.id);
    }
  }

  /** @param a,b heads of two sessions @param ahead the number of jobs of their sessions that would start before them */
  #isBefore(a: Entry, b: Entry, slots: Slots, now: number, aheadOfA = 0, aheadOfB = 0): boolean {
    const levels = level(b, now) - level(a, now);
    if (levels !== 0) return levels < 0;
    const running = slots.inSession(a.job.session) + aheadOfA - slots.inSession(b.job.session) - aheadOfB;
    if (running !== 0) return running < 0;
    const served = (this.#served.get(a.job.session) ?? 0) - (this.#served.get(b.job.session) ?? 0);
    return served === 0 ? before(a, b) : served < 0;
  }

  /** A job of the session was started: other sessions are next. */
  noteServed(session: string): void {
    this.#served.set(session, ++this.#taken);
    // Remember only a bounded number of sessions that have no job here any more.
    if (this.#served.size <= 1000) return;
    for (const known of this.#served.keys()) if (!this.#sessions.has(known)) this.#served.delete(known);
  }
}

/** Priority, raised by waiting, in whole levels. */
function level({ key }: Entry, now: number): number {
  return Math.floor((now - key) / ageingStepMs);
}

function before(a: Entry, b: Entry): boolean {
  return a.key < b.key || (a.key === b.key && a.job.row < b.job.row);
}

/** The index of `entry` in an ordered list, or where it belongs. */
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

/** How long a reading of the machine stays valid, and how often a start is tried again while it is short of something. */
export const freshMs = 1000;

const machine = {
  /** Available memory in bytes: MemAvailable on Linux. */
  freeMemory: freemem,
  /** The load average of the last minute, of all CPUs together; 0 on Windows, which has none. */
  load: () => loadavg()[0] ?? 0,
  /** Milliseconds of a monotonic clock. */
  now: () => performance.now(),
};

/**
 * Why nothing may start now, as a function: the machine is short of memory or disk or overloaded; null if jobs may start.
 * Read only if there is a threshold.
 * @param freeDisk what may still be written to the disk of the store, in bytes
 */
export function resourceGuard(
  settings: Pick<SettingsStore, 'current'>,
  freeDisk: () => number,
  { freeMemory, load, now } = machine,
) {
  let read = { at: -Infinity, free: 0, disk: 0, load: 0 };
  return (): string | null => {
    const { minFreeMemoryBytes: least, minFreeDiskBytes: leastDisk, maxLoadAverage: most } = settings.current;
    if (least === 0 && leastDisk === 0 && most === 0) return null;
    if (now() - read.at >= freshMs) {
      read = { at: now(), free: freeMemory(), disk: leastDisk === 0 ? 0 : freeDisk(), load: load() };
    }
    if (read.disk < leastDisk) {
      return `${mebibytes(read.disk)} of the disk are free, less than ${mebibytes(leastDisk)} (minFreeDiskBytes)`;
    }
    if (read.free < least) {
      return `${mebibytes(read.free)} of memory are free, less than ${mebibytes(least)} (minFreeMemoryBytes)`;
    }
    if (most === 0 || read.load < most) return null;
    return `the load average is ${read.load.toFixed(2)}, the maximum is ${most} (maxLoadAverage)`;
  };
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`;
}
