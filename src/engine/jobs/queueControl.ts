import type * as z from 'zod';
import { type Queue, queueRequest, type QueueRequest } from '../../api/control.ts';
import type { Settings, SettingsUpdate } from '../../api/host.ts';
import type { Job, jobUpdate } from '../../api/job.ts';
import { validate } from '../../api/validate.ts';
import { type Direction, isWaiting } from '../../api/values.ts';
import { resolveDependencies } from './newJob.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import { findJob, wrongState } from '../queries/lookup.ts';
import type { Views } from '../queries/views.ts';
import type { Scheduler } from '../queue/scheduler.ts';
import type { Runs } from '../runs/runs.ts';
import type { AgentPolicy } from './agentPolicy.ts';

interface Deps {
  store: Store;
  scheduler: Scheduler;
  runs: Runs;
  policy: AgentPolicy;
  views: Views;
  settings: () => Settings;
  updateSettings: (update: SettingsUpdate) => void;
}

/** What can be done with jobs that wait, and with the queue as a whole. */
export class QueueControl {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  getQueue(): Queue {
    const { scheduler, settings } = this.#deps;
    const { queuePaused, pausedSessions } = settings();
    return {
      paused: queuePaused,
      pausedSessions: [...pausedSessions],
      jobs: scheduler.inOrder().map((job) => this.#deps.views.job(job)),
    };
  }

  /** @throws BgJobsError `disk_full` */
  setPaused(request: QueueRequest, paused: boolean): Queue {
    const { session } = validate(queueRequest, request);
    const { settings, scheduler, store } = this.#deps;
    const others = settings().pausedSessions.filter((name) => name !== session);
    const sessions = paused && session !== undefined ? [...others, session] : others;
    this.#deps.updateSettings(session === undefined ? { queuePaused: paused } : { pausedSessions: sessions });
    const queued = scheduler.inOrder().filter((job) => scheduler.isQueued(job.id));
    // They wait for something else now, which is a change like any other.
    store.placeJobs(queued.filter((job) => session === undefined || job.session === session));
    return this.getQueue();
  }

  /** @throws BgJobsError `invalid_state` when it does not wait, `disk_full` */
  holdJob(id: string): Job {
    const { store, scheduler } = this.#deps;
    const found = findJob(store, id);
    if (found.status === 'held') return this.#deps.views.job(found);
    const job = this.#waiting(found, 'Only a waiting job can be held. Use pause or kill for a running job.');
    store.moveJob(job, 'held');
    scheduler.add(job);
    return this.#deps.views.job(job);
  }

  /** @throws BgJobsError `invalid_state` when it has no place among those that may start, `disk_full` */
  moveJob(id: string, to: Direction): Job {
    const { store, scheduler } = this.#deps;
    const job = this.#waiting(findJob(store, id), 'Only a waiting job can be moved.');
    if (!scheduler.isQueued(job.id)) {
      const what = job.status === 'held' ? 'to be released' : 'for other jobs or for a time';
      throw wrongState(job, `It waits ${what}, so it is not in the queue yet.`);
    }
    const moved = scheduler.move(job.id, to);
    store.placeJobs(moved);
    for (const one of moved) scheduler.add(one);
    return this.#deps.views.job(job);
  }

  /** @throws BgJobsError `invalid_request`, `invalid_state`, `policy_denied`, `disk_full` */
  async updateJob(id: string, update: z.output<typeof jobUpdate>): Promise<Job> {
    const { store, scheduler, policy } = this.#deps;
    const { pinned, priority, dependsOn, actor } = update;
    if (actor === 'agent' && dependsOn) await policy.checkAgain([findJob(store, id)]);
    const found = findJob(store, id);
    if (priority !== undefined || dependsOn !== undefined) {
      const job = this.#waiting(found, 'Priority and dependencies can be changed only while the job waits.');
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
    return this.#deps.views.job(now);
  }

  #waiting(job: JobRow, hint: string): JobRow {
    if (!isWaiting(job.status)) throw wrongState(job, hint);
    return this.#known(job);
  }

  /** The object that the scheduler or a run works with, if there is one; otherwise it would go on with the old values. */
  #known(job: JobRow): JobRow {
    const { scheduler, runs } = this.#deps;
    return scheduler.get(job.id) ?? runs.get(job.id)?.job ?? job;
  }
}
