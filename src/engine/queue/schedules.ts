import { randomUUID } from 'node:crypto';
import { endedStatuses } from '../../api/values.ts';
import type { JobRow, JobSpec } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import { isMissed, nextTime } from './cron.ts';

/** The part of the scheduler that is used here. */
interface Queue {
  add(job: JobRow): void;
  remove(jobId: string): void;
  changed(jobId: string): void;
  startNext(): void;
}

/** Decides what happens at the times that jobs name: a job with `at` starts, one with `cron` creates a job each time. */
export class Schedules {
  readonly #store: Store;
  readonly #queue: Queue;
  readonly #shareEnvironment: (schedule: string, job: string) => void;
  readonly #now: () => number;

  constructor(
    store: Store,
    queue: Queue,
    shareEnvironment: (schedule: string, job: string) => void,
    now: () => number,
  ) {
    this.#store = store;
    this.#queue = queue;
    this.#shareEnvironment = shareEnvironment;
    this.#now = now;
  }

  /** When a job that is requested now is due: milliseconds since the epoch, null for at once. */
  firstTime({ at, cron, timeZone }: Pick<JobSpec, 'at' | 'cron' | 'timeZone'>): number | null {
    const now = this.#now();
    if (cron !== undefined) return nextTime(cron, timeZone, now);
    const time = at === undefined ? now : Date.parse(at);
    return time > now ? time : null;
  }

  /** The scheduled job has reached its time. @throws BgJobsError `disk_full` */
  due(job: JobRow): void {
    const { spec, dueAt } = job;
    const isLeftOut = spec.ifMissed === 'skip' && dueAt !== null && isMissed(dueAt, this.#now());
    const missed = isLeftOut ? `missed ${new Date(dueAt).toISOString()}` : null;
    if (spec.cron !== undefined) this.#fire(job, missed ?? this.#overlap(job));
    else if (missed !== null) {
      this.#store.moveJob(job, 'cancelled', { reason: 'missed', text: missed });
      this.#queue.remove(job.id);
      this.#queue.changed(job.id);
    } else this.startNow(job);
  }

  /** Whether it waits for its time, or for that of its next attempt. */
  isLater({ status, dueAt }: JobRow): boolean {
    return status === 'scheduled' || (status === 'pending' && dueAt !== null && dueAt > this.#now());
  }

  /** Ends the wait of a job for its time. @throws BgJobsError `disk_full` */
  startNow(job: JobRow): void {
    if (job.spec.cron !== undefined && job.status === 'scheduled') {
      this.#fire(job, null, job.dueAt);
      return;
    }
    const moved = { ...job, dueAt: null };
    if (job.status === 'scheduled') this.#store.moveJob(moved, 'pending');
    else this.#store.placeJobs([moved]);
    this.#queue.add(moved);
    this.#queue.startNext();
  }

  /** Calculates again a time that comes from a wrong clock. @throws BgJobsError `disk_full` */
  clockSetBack(job: JobRow): void {
    const dueAt = timeAgain(job, this.#now());
    if (dueAt === job.dueAt) return;
    // First the part that does not need the disk.
    this.#queue.add(Object.assign(job, { dueAt }));
    this.#store.placeJobs([job]);
  }

  /** @param leftOut why no job is created this time @param next instead of the next time after now */
  #fire(schedule: JobRow, leftOut: string | null, next?: number | null): void {
    const { cron, timeZone } = schedule.spec;
    const dueAt = next ?? nextTime(cron ?? '', timeZone, Math.max(this.#now(), schedule.dueAt ?? 0));
    const make = leftOut === null ? { id: randomUUID(), spec: specOfOne(schedule) } : undefined;
    const created = this.#store.fire(schedule, { dueAt, make, text: leftOut ?? make?.id ?? null });
    this.#queue.add(schedule);
    if (!created) return;
    this.#shareEnvironment(schedule.id, created.id);
    this.#queue.add(created);
    this.#queue.startNext();
  }

  #overlap({ id, spec }: JobRow): string | null {
    const unfinished = this.#store.jobs.countUnfinished(id, endedStatuses);
    if (spec.ifOverlap === 'skip' && unfinished > 0) return 'left out: the job of the last time has not ended';
    if (spec.ifOverlap === 'queue' && unfinished > 1) return 'left out: the job of the last time has not started';
    return null;
  }
}

function timeAgain({ spec, status, dueAt }: JobRow, now: number): number | null {
  if (status === 'scheduled') return spec.cron === undefined ? dueAt : nextTime(spec.cron, spec.timeZone, now);
  const longest = (spec.retry ?? spec.restart)?.maxDelayMs ?? 0;
  return dueAt === null ? null : Math.min(dueAt, now + longest);
}

/** The job for one time of a schedule; `ifOverlap: queue` runs them one after the other. */
function specOfOne({ id, spec }: JobRow): JobSpec {
  const { cron: _cron, timeZone: _timeZone, idempotencyKey: _key, ...same } = spec;
  const mutex = spec.mutex ?? (spec.ifOverlap === 'queue' ? `schedule ${id}` : undefined);
  return { ...same, held: false, unlessRunning: false, ...(mutex !== undefined && { mutex }) };
}

/** The clock is read at least this often, because it may be set and the machine may sleep. */
const pollMs = 60_000;

/** A clock that goes back this far counts as set back; below that nothing is done twice. */
const setBackMs = 3_600_000;

export function isSetBack(before: number, now: number): boolean {
  return now < before - setBackMs;
}

interface DueTimesEvents {
  /** Earliest first. Their times are removed. */
  due: (ids: readonly string[]) => void;
  /** The clock was set back by more than an hour. */
  setBack: () => void;
}

/** Times at which something is due: one timer for all of them, none without times. */
export class DueTimes {
  readonly #now: () => number;
  readonly #events: DueTimesEvents;
  readonly #times = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Infinity;
  #lastPoll = 0;

  constructor(now: () => number, events: DueTimesEvents) {
    this.#now = now;
    this.#events = events;
  }

  /** @param at milliseconds since the epoch */
  set(id: string, at: number): void {
    this.#times.set(id, at);
    if (at < this.#armedFor) this.#arm(at);
  }

  has(id: string): boolean {
    return this.#times.has(id);
  }

  delete(id: string): boolean {
    const known = this.#times.delete(id);
    if (this.#times.size === 0) this.dispose();
    return known;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Infinity;
    this.#lastPoll = 0;
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#armedFor = at;
    const now = this.#now();
    // The next poll must notice a clock that was set back before.
    this.#lastPoll = Math.max(this.#lastPoll, now);
    this.#timer = setTimeout(() => this.#poll(), Math.min(pollMs, Math.max(0, at - now)));
  }

  #poll(): void {
    const now = this.#now();
    const wasSetBack = isSetBack(this.#lastPoll, now);
    this.#timer = undefined;
    this.#armedFor = Infinity;
    this.#lastPoll = now;
    if (wasSetBack) this.#events.setBack();
    const due = [...this.#times].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    const ids = due.map(([id]) => id);
    for (const id of ids) this.#times.delete(id);
    if (ids.length > 0) this.#events.due(ids);
    if (this.#times.size === 0) this.dispose();
    else this.#arm(Math.min(...this.#times.values()));
  }
}
