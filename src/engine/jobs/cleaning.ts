import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import type { cleanupRequest, CleanupResult } from '../../api/control.ts';
import type { Settings } from '../../api/host.ts';
import type { Job } from '../../api/job.ts';
import { type EndedStatus, endedStatuses, isEnded } from '../../api/values.ts';
import { runFolder } from '../../store/runTable.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import type { Orphans } from '../hooks/orphans.ts';
import type { Environments } from '../launch/command.ts';
import { findJob, parseEndedStatuses, wrongState } from '../queries/lookup.ts';
import type { Views } from '../queries/views.ts';
import type { Scheduler } from '../queue/scheduler.ts';

/** The number of runs of a job that are kept. */
const keptRuns = 100;

/** What may be removed: all conditions that are given must hold. Pinned jobs are never removed. */
export interface CleaningRule {
  olderThanMs?: number | undefined;
  /** How many of the newest stay. */
  keep?: number | undefined;
  statuses?: readonly EndedStatus[] | undefined;
  session?: string | undefined;
}

interface Deps {
  store: Store;
  home: string;
  now: () => number;
  settings: () => Settings;
  orphans: Orphans;
  environments: Environments;
  scheduler: Scheduler;
  views: Views;
  report: (error: unknown) => void;
}

/** Removes finished jobs with their records and logs: on request, and regularly by the settings. */
export class Cleaner {
  readonly #deps: Deps;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Cleans up by the settings, again and again; to be called when they have changed. */
  schedule(): void {
    clearInterval(this.#timer);
    const { settings, report } = this.#deps;
    const clean = (): void => void this.#cleanBySettings(settings()).catch(report);
    if (!this.#timer) setImmediate(clean);
    this.#timer = setInterval(clean, settings().cleanupIntervalMs).unref();
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  /** @throws BgJobsError `job_not_found`, `invalid_state` */
  async removeJob(id: string): Promise<Job> {
    const { store, orphans, environments, scheduler, views } = this.#deps;
    const job = findJob(store, id);
    if (!isEnded(job.status) && job.status !== 'held') {
      throw wrongState(job, 'Only finished and held jobs can be removed. Use kill first.');
    }
    const processes = await orphans.refresh(job);
    if (processes.length > 0) {
      throw wrongState(job, `${processes.length} of its processes are still alive. Use kill to end them first.`);
    }
    const view = views.job(job);
    if (!(await this.#remove(job))) throw wrongState(findJob(store, job.id), 'It has just changed. Try again.');
    environments.forget(job.id);
    scheduler.remove(job.id);
    return view;
  }

  /** @throws BgJobsError `invalid_request` */
  cleanUp({ status, dryRun, ...rule }: z.output<typeof cleanupRequest>): Promise<CleanupResult> {
    const statuses = status === undefined ? undefined : parseEndedStatuses(status);
    return this.#clean({ ...rule, statuses }, dryRun);
  }

  async #clean(rule: CleaningRule, dryRun: boolean): Promise<CleanupResult> {
    const { store, now } = this.#deps;
    const filter = {
      statuses: rule.statuses ?? endedStatuses,
      ...(rule.session !== undefined && { session: rule.session }),
    };
    const before = rule.olderThanMs === undefined ? Number.MAX_SAFE_INTEGER : now() - rule.olderThanMs;
    let cleaned = 0;
    for (const job of store.read(store.jobs.listRemovable(filter, rule.keep ?? 0, before))) {
      if (await this.#isNeeded(job)) continue;
      if (dryRun || (await this.#remove(job))) cleaned++;
    }
    const remaining = store.jobs.count({ statuses: endedStatuses }) - (dryRun ? cleaned : 0);
    return { cleaned, remaining };
  }

  /** Other jobs wait for it, or processes of it are alive although it has ended. */
  async #isNeeded(job: JobRow): Promise<boolean> {
    const { scheduler, orphans } = this.#deps;
    return scheduler.graph.dependentsOf(job.id).length > 0 || (await orphans.refresh(job)).length > 0;
  }

  /** Also removes what belongs to no job any more. */
  async #cleanBySettings(settings: Settings): Promise<void> {
    await this.#clean({ olderThanMs: settings.keepFinishedMs }, false);
    await this.#clean({ keep: settings.keepFinishedJobs }, false);
    await this.#boundRuns();
    await this.#boundLogs(settings.keepLogBytes);
    await this.#removeOldFolders();
    this.#deps.store.events.forgetRemoved(this.#deps.now() - settings.keepFinishedMs);
  }

  /**
   * The record first: a folder without a record is removed later, a record without its logs would be wrong.
   * @returns false when the job has changed since `job` was read: restarted or pinned, it stays
   */
  async #remove(job: JobRow): Promise<boolean> {
    const { store, home } = this.#deps;
    if (!store.removeJob(job)) return false;
    for (let number = 1; number <= (job.run ?? 0); number++) await removeFolder(runFolder(home, job.id, number));
    return true;
  }

  /** Removes old runs of jobs that have too many; the newest stay, and all that decide about the next attempt. */
  async #boundRuns(): Promise<void> {
    const { store, home } = this.#deps;
    const rows = store.runs.jobsWithMoreThan(keptRuns).map((row) => store.jobs.byRow(row));
    for (const { id, row, pinned, spec } of store.read(rows)) {
      if (pinned) continue;
      const keep = Math.max(keptRuns, spec.retry?.maxAttempts ?? 0, (spec.restart?.maxRestarts ?? 0) + 1);
      const old = store.runs.ofJob(row).slice(0, -keep);
      const removable = old.filter(({ leftovers }) => leftovers.length === 0);
      store.removeRuns(removable);
      for (const { number } of removable) await removeFolder(runFolder(home, id, number));
    }
  }

  /** Removes the oldest finished jobs until the logs of the others fit. */
  async #boundLogs(keepLogBytes: number): Promise<void> {
    const { store } = this.#deps;
    let bytes = store.runs.logBytes();
    if (bytes <= keepLogBytes) return;
    const removable = store.jobs.listRemovable({ statuses: endedStatuses }, 0, Number.MAX_SAFE_INTEGER);
    for (const job of store.read(removable).reverse()) {
      if (bytes <= keepLogBytes) return;
      if (await this.#isNeeded(job)) continue;
      const freed = store.runs.logBytes(job.row);
      if (await this.#remove(job)) bytes -= freed;
    }
  }

  /** Folders of removed jobs that a killed host has not removed. Logs whose record is damaged or lost stay. */
  async #removeOldFolders(): Promise<void> {
    const { store, home } = this.#deps;
    const removed = store.events.removedJobs();
    if (removed.size === 0) return;
    for (const name of await readdir(join(home, 'runs')).catch(() => [])) {
      const [jobId = ''] = name.split('.');
      if (removed.has(jobId)) await removeFolder(join(home, 'runs', name));
    }
  }
}

function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}
