import { freemem, loadavg } from 'node:os';
import type { Settings } from '../../api/host.ts';
import type { WaitingFor } from '../../api/job.ts';
import type { Direction } from '../../api/values.ts';
import type { JobRow, JobSpec, Task } from '../../store/jobTable.ts';
import type { SettingsStore } from '../../store/settingsStore.ts';

/** Waiting this long raises the priority by one level: 10 minutes, so that no job starves. */
const ageingStepMs = 600_000;

/** Between two reassigned positions: more than the precision of a time in a double. */
const keyStep = 1 / 256;

/** What decides when a job in the queue starts: `priority` is 1 to 10, higher first; {@link Entry.key} tells the `queueKey`. */
export type Waiting = Occupant & Pick<JobRow, 'row' | 'queuedAt' | 'queueKey'> & { spec: Pick<JobSpec, 'priority'> };

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
  take({ limits, slots, isPaused, isHeldBack, now }: TakeOptions): Waiting | undefined {
    if (!hasRoom(limits.maxConcurrentJobs, slots.total)) return undefined;
    let next: Entry | undefined;
    for (const [session, entries] of this.#sessions) {
      if (isPaused(session) || !hasRoom(sessionLimit(limits, session), slots.inSession(session))) continue;
      const head = entries.find(
        ({ job }) => slots.holderOf(job.spec.mutex) === undefined && slots.arrayLimitFor(job) === null,
      );
      if (head && (!next || this.#isBefore(head, next, slots, now))) next = head;
    }
    if (!next || isHeldBack?.()) return undefined;
    this.remove(next.job.id);
    this.noteServed(next.job.session);
    return next.job;
  }

  /**
   * Calculates a move among the jobs of its session: it reassigns their positions. Changes nothing here yet.
   * @returns the jobs whose position changes, with the new one; empty if the job is not in the queue
   */
  move(id: string, to: Direction): { id: string; queueKey: number }[] {
    const entry = this.#entries.get(id);
    const entries = entry && this.#sessions.get(entry.job.session);
    if (!entry || !entries) return [];
    const from = entries.indexOf(entry);
    const moved = entries.toSpliced(from, 1);
    const last = moved.length;
    const target = { up: Math.max(0, from - 1), down: Math.min(last, from + 1), first: 0, last }[to];
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

/** 0 means no limit. */
export type RunningLimits = Pick<Settings, 'maxConcurrentJobs' | 'maxConcurrentJobsPerSession' | 'sessionLimits'>;

/** What a running job takes: a slot of its session and of its array, and the mutex that it names. */
export type Occupant = Pick<JobRow, 'id' | 'session'> & {
  spec: Pick<JobSpec, 'mutex' | 'array'>;
  task?: Pick<Task, 'row' | 'maxRunning'> | null;
};

/** The slots that are taken: in total, by session, by array, by mutex. */
export class Slots {
  total = 0;
  readonly #sessions = new Map<string, number>();
  /** By row. */
  readonly #arrays = new Map<number, number>();
  readonly #mutexes = new Map<string, string>();

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

  /** The limit that an array, or a task of it, waits for; null if there is room or it has none. */
  arrayLimitFor({ row, spec, task }: Omit<Occupant, 'id' | 'session'> & Pick<JobRow, 'row'>): number | null {
    const array = task ?? { row, maxRunning: spec.array?.maxRunning ?? null };
    if (array.maxRunning === null) return null;
    return (this.#arrays.get(array.row) ?? 0) < array.maxRunning ? null : array.maxRunning;
  }

  take({ id, session, task, spec: { mutex } }: Occupant): void {
    this.total++;
    this.#sessions.set(session, this.inSession(session) + 1);
    if (task) this.#arrays.set(task.row, (this.#arrays.get(task.row) ?? 0) + 1);
    if (mutex !== undefined) this.#mutexes.set(mutex, id);
  }

  free({ id, session, task, spec: { mutex } }: Occupant): void {
    this.total--;
    release(this.#sessions, session);
    if (task) release(this.#arrays, task.row);
    if (mutex !== undefined && this.#mutexes.get(mutex) === id) this.#mutexes.delete(mutex);
  }
}

/** Why a job does not start whose time has come; null if it is about to. @param limit of the host or of its session */
export function waitReason(
  job: JobRow,
  { verdict, blocking }: { verdict: string; blocking: Extract<WaitingFor, { type: 'dependency' }>['jobs'] },
  limit: WaitingFor | null,
  { rules, slots }: { rules: Settings; slots: Slots },
): WaitingFor | null {
  if (verdict === 'open') return { type: 'dependency', jobs: blocking };
  if (rules.queuePaused) return { type: 'paused', scope: 'host' };
  if (rules.pausedSessions.includes(job.session)) return { type: 'paused', scope: 'session' };
  if (limit) return limit;
  const maximum = slots.arrayLimitFor(job);
  if (maximum !== null) return { type: 'limit', scope: 'array', maximum };
  const { mutex } = job.spec;
  const jobId = slots.holderOf(mutex);
  return mutex === undefined || jobId === undefined ? null : { type: 'mutex', mutex, jobId };
}

function release<Key>(counts: Map<Key, number>, key: Key): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}

export function sessionLimit(limits: RunningLimits, session: string): number {
  return Object.hasOwn(limits.sessionLimits, session)
    ? (limits.sessionLimits[session] ?? 0)
    : limits.maxConcurrentJobsPerSession;
}

export function hasRoom(limit: number, running: number): boolean {
  return limit === 0 || running < limit;
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
 * Why nothing may start now, as a function: the machine is short of memory or overloaded; null if jobs may start. Read only
 * if there is a threshold.
 */
export function resourceGuard(settings: Pick<SettingsStore, 'current'>, { freeMemory, load, now } = machine) {
  let read = { at: -Infinity, free: 0, load: 0 };
  return (): string | null => {
    const { minFreeMemoryBytes: least, maxLoadAverage: most } = settings.current;
    if (least === 0 && most === 0) return null;
    if (now() - read.at >= freshMs) read = { at: now(), free: freeMemory(), load: load() };
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
