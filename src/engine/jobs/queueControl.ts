import type * as z from 'zod';
import { type Queue, queueRequest, type QueueRequest } from '../../api/control.ts';
import type { Job, jobUpdate } from '../../api/job.ts';
import { validate } from '../../api/validate.ts';
import { type Direction, isWaiting } from '../../api/values.ts';
import { resolveDependencies } from './newJob.ts';
import type { EngineParts } from '../engineParts.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { wrongState } from '../queries/lookup.ts';

/** What can be done with jobs that wait, and with the queue as a whole. */
export class QueueControl {
  readonly #parts: EngineParts;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  get(): Queue {
    const { scheduler, settings } = this.#parts;
    const { queuePaused, pausedSessions } = settings.current;
    return {
      paused: queuePaused,
      pausedSessions: [...pausedSessions],
      jobs: scheduler.inOrder().map((job) => this.#parts.view(job)),
    };
  }

  /** @throws BgJobsError `disk_full` */
  setPaused(request: QueueRequest, paused: boolean): Queue {
    const { session } = validate(queueRequest, request);
    const { settings, scheduler, store } = this.#parts;
    const others = settings.current.pausedSessions.filter((name) => name !== session);
    const sessions = paused && session !== undefined ? [...others, session] : others;
    this.#parts.updateSettings(session === undefined ? { queuePaused: paused } : { pausedSessions: sessions });
    const queued = scheduler.inOrder().filter((job) => scheduler.isQueued(job.id));
    // They wait for something else now, which is a change like others.
    store.placeJobs(queued.filter((job) => session === undefined || job.session === session));
    return this.get();
  }

  /** @throws BgJobsError `invalid_state` when it does not wait, `disk_full` */
  hold(found: JobRow): Job {
    const { store, scheduler } = this.#parts;
    if (found.status === 'held') return this.#parts.view(found);
    const job = this.#waiting(found, 'Only a job that waits can be held. Use pause or kill for one that runs.');
    store.moveJob(job, 'held');
    scheduler.add(job);
    return this.#parts.view(job);
  }

  /** @throws BgJobsError `invalid_state` when it has no place among those that may start, `disk_full` */
  move(found: JobRow, to: Direction): Job {
    const { store, scheduler } = this.#parts;
    const job = this.#waiting(found, 'Only a job that waits can be moved.');
    if (!scheduler.isQueued(job.id)) {
      const what = job.status === 'held' ? 'to be released' : 'for other jobs or for a time';
      throw wrongState(job, `It waits ${what}, and so has no place in the queue yet.`);
    }
    const moved = scheduler.move(job.id, to);
    store.placeJobs(moved);
    for (const one of moved) scheduler.add(one);
    return this.#parts.view(job);
  }

  /** @throws BgJobsError `invalid_request`, `invalid_state`, `disk_full` */
  update(found: JobRow, { pinned, priority, dependsOn }: z.output<typeof jobUpdate>): Job {
    const { store, scheduler } = this.#parts;
    if (priority !== undefined || dependsOn !== undefined) {
      const job = this.#waiting(found, 'Only of a job that waits can priority and dependencies be changed.');
      const needed = dependsOn && resolveDependencies(store, dependsOn, job.id);
      const changes = { ...(priority !== undefined && { priority }), ...(needed && { dependsOn: needed }) };
      const changed = { ...job, spec: { ...job.spec, ...changes }, queueKey: null };
      store.placeJobs([changed]);
      Object.assign(job, changed);
      scheduler.add(job);
      scheduler.startNext();
    }
    if (pinned !== undefined) store.setPinned(this.#known(found), pinned);
    const [now = found] = store.read([store.jobs.byRow(found.row)]);
    return this.#parts.view(now);
  }

  #waiting(job: JobRow, hint: string): JobRow {
    if (!isWaiting(job.status)) throw wrongState(job, hint);
    return this.#known(job);
  }

  /** As the scheduler or the executor has it, if one does: or it would go on with what the job was before. */
  #known(job: JobRow): JobRow {
    const { scheduler, runs } = this.#parts;
    return scheduler.get(job.id) ?? runs.get(job.id)?.job ?? job;
  }
}
