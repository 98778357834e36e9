import { randomUUID } from 'node:crypto';
import { endedStatuses } from '../../api/values.ts';
import type { Environments } from '../launch/runEnvironment.ts';
import type { JobSpec } from '../../store/jobSpec.ts';
import { isMissed, nextTime } from './cron.ts';
import type { Scheduler } from './scheduler.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';

export interface SchedulesParts {
  store: Store;
  scheduler: Scheduler;
  environments: Environments;
  now: () => number;
}

/** What happens at the times that jobs name: one with `at` starts, one with `cron` makes a job each time. */
export class Schedules {
  readonly #parts: SchedulesParts;

  constructor(parts: SchedulesParts) {
    this.#parts = parts;
  }

  /** When a job is due that is asked for now: milliseconds since the epoch, null for at once. */
  firstTime({ at, cron, timeZone }: Pick<JobSpec, 'at' | 'cron' | 'timeZone'>): number | null {
    const now = this.#parts.now();
    if (cron !== undefined) return nextTime(cron, timeZone, now);
    const time = at === undefined ? now : Date.parse(at);
    return time > now ? time : null;
  }

  /** @param job that is scheduled, at its time or behind it @throws BgJobsError `disk_full` */
  due(job: JobRow): void {
    const { store, scheduler, now } = this.#parts;
    const { spec, dueAt } = job;
    const isLeftOut = spec.ifMissed === 'skip' && dueAt !== null && isMissed(dueAt, now());
    const missed = isLeftOut ? `missed ${new Date(dueAt).toISOString()}` : null;
    if (spec.cron !== undefined) this.#fire(job, missed ?? this.#overlap(job));
    else if (missed !== null) {
      store.moveJob(job, 'cancelled', { reason: 'missed', text: missed });
      scheduler.remove(job.id);
      scheduler.changed(job.id);
    } else this.startNow(job);
  }

  /** It waits for its time, or for that of its next attempt. */
  isLater({ status, dueAt }: JobRow): boolean {
    return status === 'scheduled' || (status === 'pending' && dueAt !== null && dueAt > this.#parts.now());
  }

  /** One that waits for its time waits for it no more. @throws BgJobsError `disk_full` */
  startNow(job: JobRow): void {
    const { store, scheduler } = this.#parts;
    if (job.spec.cron !== undefined && job.status === 'scheduled') {
      this.#fire(job, null, job.dueAt);
      return;
    }
    const asked = { ...job, dueAt: null };
    if (job.status === 'scheduled') store.moveJob(asked, 'pending');
    else store.placeJobs([asked]);
    scheduler.add(asked);
    scheduler.startNext();
  }

  /** A time that was reckoned by a clock that was wrong is reckoned anew. @throws BgJobsError `disk_full` */
  clockSetBack(job: JobRow): void {
    const { store, scheduler, now } = this.#parts;
    const dueAt = this.#reckonAnew(job, now());
    if (dueAt === job.dueAt) return;
    // First what does not need the disk.
    scheduler.add(Object.assign(job, { dueAt }));
    store.placeJobs([job]);
  }

  #reckonAnew({ spec, status, dueAt }: JobRow, now: number): number | null {
    if (status === 'scheduled') return spec.cron === undefined ? dueAt : nextTime(spec.cron, spec.timeZone, now);
    const longest = (spec.retry ?? spec.restart)?.maxDelayMs ?? 0;
    return dueAt === null ? null : Math.min(dueAt, now + longest);
  }

  /** @param leftOut why no job is made this time @param next instead of the next time behind now */
  #fire(schedule: JobRow, leftOut: string | null, next?: number | null): void {
    const { store, scheduler, environments, now } = this.#parts;
    const { cron, timeZone } = schedule.spec;
    const dueAt = next ?? nextTime(cron ?? '', timeZone, Math.max(now(), schedule.dueAt ?? 0));
    const make = leftOut === null ? { id: randomUUID(), spec: specOfOne(schedule) } : undefined;
    const made = store.fire(schedule, { dueAt, make, text: leftOut ?? make?.id ?? null });
    scheduler.add(schedule);
    if (!made) return;
    environments.share(schedule.id, made.id);
    scheduler.add(made);
    scheduler.startNext();
  }

  #overlap({ id, spec }: JobRow): string | null {
    const unfinished = this.#parts.store.jobs.countUnfinished(id, endedStatuses);
    if (spec.ifOverlap === 'skip' && unfinished > 0) return 'left out: the job of the last time has not ended';
    if (spec.ifOverlap === 'queue' && unfinished > 1) return 'left out: the job of the last time has not started';
    return null;
  }
}

/** What one time of a schedule runs: once, and for `ifOverlap: queue` one behind the other. */
function specOfOne({ id, spec }: JobRow): JobSpec {
  const { cron: _cron, timeZone: _timeZone, idempotencyKey: _key, ...same } = spec;
  const mutex = spec.mutex ?? (spec.ifOverlap === 'queue' ? `schedule ${id}` : undefined);
  return { ...same, held: false, unlessRunning: false, ...(mutex !== undefined && { mutex }) };
}
