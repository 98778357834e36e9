import { opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import type { cleanupRequest, CleanupResult } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import { type EndedStatus, endedStatuses, isEnded } from '../../api/values.ts';
import { prefixOfTasks } from '../../store/newJobId.ts';
import { runFolder } from '../../store/runTable.ts';
import { manyRuns } from '../../store/schema.ts';
import type { JobFilter, JobRow } from '../../store/jobTable.ts';
import { parseEndedStatuses } from '../queries/jobs.ts';
import { checkNoTask, findJob, wrongState } from '../queries/lookup.ts';
import type { Parts } from './newJob.ts';

/** Jobs that are read at once: there may be many to remove. */
const pageSize = 100;

/** What may be removed: all conditions that are given must hold. Pinned jobs are never removed. */
type Rule = Pick<z.output<typeof cleanupRequest>, 'olderThanMs' | 'keep' | 'session'> & { statuses?: EndedStatus[] };

/** Removes finished jobs with their records and logs: on request, and regularly by the settings. */
export function cleaning(parts: Parts) {
  const { store, settings, scheduler, environments, orphans, views, home, now, report } = parts;
  let timer: NodeJS.Timeout | undefined;

  /** Cleans up by the settings, again and again; to be called when they have changed. */
  function schedule(): void {
    clearInterval(timer);
    const clean = (): void => void cleanBySettings().catch(report);
    if (!timer) setImmediate(clean);
    timer = setInterval(clean, settings.current.cleanupIntervalMs).unref();
  }

  /** @throws BgJobsError `job_not_found`, `invalid_state` */
  async function removeJob(id: string): Promise<Job> {
    const job = findJob(store, id);
    checkNoTask(job);
    if (!isEnded(job.status) && job.status !== 'held') {
      throw wrongState(job, 'Only finished and held jobs can be removed. Use kill first.');
    }
    const processes = await orphansOf(job);
    if (processes.length > 0) {
      throw wrongState(job, `${processes.length} of its processes are still alive. Use kill to end them first.`);
    }
    const view = views.job(job);
    if (!(await remove(job))) throw wrongState(findJob(store, job.id), 'It has just changed. Try again.');
    environments.forget(job.id);
    scheduler.remove(job.id);
    return view;
  }

  /** @throws BgJobsError `invalid_request` */
  function cleanUp({ status, dryRun, ...rule }: z.output<typeof cleanupRequest>): Promise<CleanupResult> {
    return clean({ ...rule, ...(status !== undefined && { statuses: parseEndedStatuses(status) }) }, dryRun);
  }

  async function clean(rule: Rule, dryRun = false): Promise<CleanupResult> {
    const { statuses = endedStatuses, session } = rule;
    const filter = { statuses, ...(session !== undefined && { session }) };
    const before = rule.olderThanMs === undefined ? undefined : now() - rule.olderThanMs;
    let cleaned = 0;
    for (const job of removable(filter, rule.keep, before)) {
      if (await isNeeded(job)) continue;
      if (dryRun || (await remove(job))) cleaned++;
    }
    const remaining = store.jobs.count({ statuses: endedStatuses }) - (dryRun ? cleaned : 0);
    return { cleaned, remaining };
  }

  /** The jobs that may be removed, oldest first. */
  function* removable(filter: JobFilter, keep = 0, before?: number): Generator<JobRow, void, void> {
    const newest = store.jobs.newestRemovable(filter, keep, before);
    for (let last: number | undefined = 0; last !== undefined && last < newest;) {
      const page = store.jobs.listRemovable(filter, [last, newest], pageSize, before);
      last = page.at(-1)?.row;
      yield* store.read(page);
    }
  }

  /** Other jobs wait for it, or processes of it are alive although it has ended. */
  async function isNeeded(job: JobRow): Promise<boolean> {
    const isDependedOn = (scheduler.graph?.dependentsOf(job.id) ?? []).length > 0;
    return isDependedOn || (await orphansOf(job)).length > 0;
  }

  /** The living processes that have outlived it, or the tasks of an array. */
  async function orphansOf(job: JobRow): Promise<unknown[]> {
    const tasks = job.spec.array ? store.read(store.arrays.tasks.withLeftovers(job.row)) : [];
    return (await Promise.all([job, ...tasks].map((one) => orphans.refresh(one)))).flat();
  }

  /** Also removes what belongs to no job any more. */
  async function cleanBySettings(): Promise<void> {
    const { keepFinishedMs, keepFinishedJobs, keepLogBytes } = settings.current;
    await clean({ olderThanMs: keepFinishedMs });
    await clean({ keep: keepFinishedJobs });
    await boundRuns();
    await boundLogs(keepLogBytes);
    await removeOldFolders();
    store.events.forgetRemoved(now() - keepFinishedMs);
  }

  /**
   * The record first: a folder without a record is removed later, a record without its logs would be wrong.
   * @returns false when the job has changed since `job` was read: restarted or pinned, it stays
   */
  async function remove(job: JobRow): Promise<boolean> {
    const tasks = job.spec.array ? store.arrays.tasks.runs(job.row) : [];
    if (!store.removeJob(job)) return false;
    for (const { id, run } of tasks) {
      for (let number = 1; number <= run; number++) await removeFolder(runFolder(home, id, number));
    }
    for (let number = 1; number <= (job.run ?? 0); number++) await removeFolder(runFolder(home, job.id, number));
    return true;
  }

  /** Removes old runs of jobs that have too many; the newest stay, and all that decide about the next attempt. */
  async function boundRuns(): Promise<void> {
    const rows = store.runs.jobsWithMany().map((row) => store.jobs.byRow(row));
    for (const { id, row, pinned, spec } of store.read(rows)) {
      if (pinned) continue;
      const keep = Math.max(manyRuns, spec.retry?.maxAttempts ?? 0, (spec.restart?.maxRestarts ?? 0) + 1);
      const old = store.runs.ofJob(row).slice(0, -keep);
      const unneeded = old.filter(({ leftovers }) => leftovers.length === 0);
      store.removeRuns(unneeded);
      for (const { number } of unneeded) await removeFolder(runFolder(home, id, number));
    }
  }

  /** Removes the oldest finished jobs until the logs of the others fit. */
  async function boundLogs(keepLogBytes: number): Promise<void> {
    let bytes = store.runs.ended().logBytes;
    if (bytes <= keepLogBytes) return;
    for (const job of removable({ statuses: endedStatuses })) {
      if (bytes <= keepLogBytes) return;
      if (await isNeeded(job)) continue;
      const freed = store.runs.logBytes(job.row);
      if (await remove(job)) bytes -= freed;
    }
  }

  /** Folders of removed jobs that a killed host has not removed. Logs whose record is damaged or lost stay. */
  async function removeOldFolders(): Promise<void> {
    const removed = store.events.removedJobs();
    if (removed.size === 0) return;
    // One by one: there may be many.
    for await (const { name } of await opendir(join(home, 'runs')).catch(() => [])) {
      const [jobId = ''] = name.split('.');
      if (removed.has(prefixOfTasks(jobId))) await removeFolder(join(home, 'runs', name));
    }
  }

  return { schedule, removeJob, cleanUp, dispose: () => clearInterval(timer) };
}

function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}
