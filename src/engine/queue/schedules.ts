import type { WaitingFor } from '../../api/job.ts';
import type { JobRow, JobSpec } from '../../store/jobTable.ts';
import type { SettingsStore } from '../../store/settingsStore.ts';
import { unlessFull } from '../../store/database.ts';
import { newJobId } from '../../store/newJobId.ts';
import type { Store } from '../../store/store.ts';
import { isMissed, nextTime } from './cron.ts';
import { fullQueue, fullText } from './quotaRules.ts';

export interface ScheduleDeps {
  store: Store;
  settings: Pick<SettingsStore, 'current'>;
  /** Gives a job that a schedule creates the environment of the schedule. */
  shareEnvironment: (schedule: string, job: string) => void;
  /** @throws BgJobsError `disk_full` if the disk has no room for another job */
  checkDisk: () => void;
  now: () => number;
  /** By how much the clock was set since the last call, in milliseconds. */
  clockStep: () => number;
}

export interface SchedulerDeps extends ScheduleDeps {
  /** What the machine has too little of; null if nothing. */
  shortage: () => string | null;
  /** Starts a run at once, or throws and leaves the job waiting. */
  start: (job: JobRow) => void;
  /** What an ended job has left is being ended, as its option says. `changed` is called when that is done. */
  isClearing: (jobId: string) => boolean;
  log: (message: string) => void;
}

/** The part of the scheduler that is used here. */
interface Queue {
  add(job: JobRow): void;
  remove(jobId: string): void;
  changed(jobId: string): void;
  startNext(): void;
  hasRoomFor(spec: JobSpec): boolean;
}

/** Decides what happens at the times that jobs name: a job with `at` starts, one with `cron` creates a job each time. */
export function createSchedules({ store, settings, shareEnvironment, checkDisk, now }: ScheduleDeps, queue: Queue) {
  /** When a job that is requested now is due: milliseconds since the epoch, null for at once. */
  function firstTime({
    at,
    delayMs,
    cron,
    timeZone,
  }: Pick<JobSpec, 'at' | 'delayMs' | 'cron' | 'timeZone'>): number | null {
    if (delayMs !== undefined) return delayMs === 0 ? null : now() + delayMs;
    if (cron !== undefined) return nextTime(cron, timeZone, now());
    const time = at === undefined ? 0 : Date.parse(at);
    return time > now() ? time : null;
  }

  /** The scheduled job has reached its time. @throws BgJobsError `disk_full` */
  function due(job: JobRow): void {
    const { spec, dueAt } = job;
    const isLeftOut = spec.ifMissed === 'skip' && dueAt !== null && isMissed(dueAt, now());
    const missed = isLeftOut ? `missed ${new Date(dueAt).toISOString()}` : null;
    if (spec.cron !== undefined) fire(job, missed ?? overlap(job));
    else if (missed !== null) {
      store.moveJob(job, 'cancelled', { reason: 'missed', text: missed });
      queue.remove(job.id);
      queue.changed(job.id);
    } else startNow(job);
  }

  /** Whether it waits for its time, or for that of its next attempt. */
  function isLater({ status, dueAt }: JobRow): boolean {
    return status === 'scheduled' || (status === 'pending' && dueAt !== null && dueAt > now());
  }

  /** Ends the wait of a job for its time. @throws BgJobsError `disk_full` */
  function startNow(job: JobRow): void {
    if (job.spec.cron !== undefined && job.status === 'scheduled') return fire(job, null, job.dueAt);
    const moved = { ...job, dueAt: null };
    if (job.status === 'scheduled') store.moveJob(moved, 'pending');
    else store.placeJobs([moved]);
    queue.add(moved);
    queue.startNext();
  }

  /** Calculates again a time that comes from a wrong clock. @throws BgJobsError `disk_full` */
  function clockSetBack(job: JobRow): void {
    const dueAt = timeAgain(job, now());
    if (dueAt === job.dueAt) return;
    // First the part that does not need the disk.
    queue.add(Object.assign(job, { dueAt }));
    store.placeJobs([job]);
  }

  /** The clock was set: what waits for a delay waits as long as before. */
  function clockStepped(job: JobRow, byMs: number): JobRow {
    if (!isDelayed(job) || job.dueAt === null) return job;
    job.dueAt += byMs;
    unlessFull(() => store.placeJobs([job]));
    return job;
  }

  /** @param leftOut why no job is created this time @param next instead of the next time after now */
  function fire(schedule: JobRow, leftOut: string | null, next?: number | null): void {
    const { cron, timeZone } = schedule.spec;
    const dueAt = next ?? nextTime(cron ?? '', timeZone, Math.max(now(), schedule.dueAt ?? 0));
    const make = leftOut === null ? { id: newJobId(), spec: specOfOne(schedule) } : undefined;
    if (make) checkDisk();
    const created = store.fire(schedule, { dueAt, make, text: leftOut ?? make?.id ?? null });
    queue.add(schedule);
    if (!created) return;
    shareEnvironment(schedule.id, created.id);
    queue.add(created);
    queue.startNext();
  }

  /** Why a schedule creates no job this time. */
  function overlap(schedule: JobRow): string | null {
    const { id, spec } = schedule;
    const unfinished = store.jobs.countUnfinished(id);
    if (spec.ifOverlap === 'skip' && unfinished > 0) return 'left out: the job of the last time has not ended';
    if (spec.ifOverlap === 'queue' && unfinished > 1) return 'left out: the job of the last time has not started';
    const full = fullQueue(spec.session, settings.current, store.jobs);
    return full && !queue.hasRoomFor(specOfOne(schedule)) ? `left out: ${fullText(full)}` : null;
  }

  return { firstTime, due, isLater, startNow, clockSetBack, clockStepped };
}

/** What a job waits for that is to start later. */
export function timeOf({ status, dueAt, run, series, spec }: JobRow): WaitingFor | null {
  if (dueAt === null) return null;
  const until = new Date(dueAt).toISOString();
  if (status === 'scheduled') return { type: 'time', until };
  return { type: 'retry', until, attempt: (run ?? 0) - series + 1, maxAttempts: spec.retry?.maxAttempts ?? null };
}

/** Earliest first, for sorting. */
export function byTime(a: JobRow, b: JobRow): number {
  return (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.row - b.row;
}

/** Whether it waits for a delay, not for a time of the clock. */
function isDelayed({ status, spec }: Pick<JobRow, 'status' | 'spec'>): boolean {
  return status === 'pending' || (status === 'scheduled' && spec.delayMs !== undefined);
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
  /** The clock was set by so many milliseconds. */
  stepped: (byMs: number) => void;
}

/** Times at which something is due: one timer for all of them, none without times. */
export function dueTimes({ now, clockStep }: Pick<ScheduleDeps, 'now' | 'clockStep'>, events: DueTimesEvents) {
  const times = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let armedFor = Infinity;
  let lastPoll = 0;

  /** @param at milliseconds since the epoch */
  function set(id: string, at: number): void {
    // It is by the clock as it is set now, the others may be by that of before.
    noteStep();
    times.set(id, at);
    if (at < armedFor) arm(at);
  }

  function remove(id: string): boolean {
    const known = times.delete(id);
    if (times.size === 0) dispose();
    return known;
  }

  function dispose(): void {
    clearTimeout(timer);
    armedFor = Infinity;
    lastPoll = 0;
  }

  function arm(at: number): void {
    clearTimeout(timer);
    armedFor = at;
    // The next poll must notice a clock that was set back before.
    lastPoll = Math.max(lastPoll, now());
    timer = setTimeout(poll, Math.min(pollMs, Math.max(0, at - now())));
  }

  function noteStep(): void {
    const step = clockStep();
    if (step === 0) return;
    events.stepped(step);
    // What waits for a time of the clock may be due already.
    if (step > 0 && times.size > 0) arm(now());
  }

  function poll(): void {
    const time = now();
    const wasSetBack = isSetBack(lastPoll, time);
    armedFor = Infinity;
    lastPoll = time;
    noteStep();
    if (wasSetBack) events.setBack();
    const due = [...times].filter(([, at]) => at <= time).sort(([, a], [, b]) => a - b);
    const ids = due.map(([id]) => id);
    for (const id of ids) times.delete(id);
    if (ids.length > 0) events.due(ids);
    if (times.size === 0) dispose();
    else arm(Math.min(...times.values()));
  }

  return { set, has: (id: string) => times.has(id), delete: remove, dispose };
}
