import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { opendir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type * as z from 'zod';
import type { cleanupRequest, CleanupResult } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import { isDiskFull } from '../../disk/space.ts';
import { type EndedStatus, endedStatuses, isEnded } from '../../api/values.ts';
import { prefixOfTasks } from '../../store/newJobId.ts';
import { runFolder } from '../../store/runTable.ts';
import { manyRuns } from '../../store/schema.ts';
import type { JobFilter } from '../../store/jobFilter.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import { parseEndedStatuses } from '../queries/listJobs.ts';
import { checkNoTask, findJob, wrongState } from '../queries/lookup.ts';
import type { Parts } from './newJob.ts';

/** Jobs that are read at once: there may be many to remove. */
const pageSize = 100;

/** The part of maxTotalLogBytes that jobs may write before the total is looked at again, and that is freed beyond it. */
const smallPart = 16;

/** What may be removed: all conditions that are given must hold. Pinned jobs are never removed. */
type Rule = Pick<z.output<typeof cleanupRequest>, 'olderThanMs' | 'keep' | 'session'> & {
  statuses?: EndedStatus[];
  /** The newest of each session stay. */
  keepPerSession?: number;
};

/** Removes finished jobs with their records and logs: on request, and regularly by the settings. */
export function cleaning({ tracker, ...parts }: Parts & { tracker: OutputTracker }) {
  const { store, disk, settings, scheduler, environments, orphans, views, home, now, report } = parts;
  /** Folders of runs whose jobs are being removed, from a full disk. It is made now, while there is room. */
  const removing = join(home, 'removing');
  mkdirSync(removing, { recursive: true, mode: 0o700 });
  let timer: NodeJS.Timeout | undefined;
  /** What jobs have written since the total was looked at, in bytes. */
  let grown = 0;
  let bounding: Promise<void> | undefined;
  tracker.on.growth = (bytes) => {
    grown += bytes;
    lookAtTotal();
  };

  function lookAtTotal(): void {
    const { maxTotalLogBytes } = settings.current;
    if (maxTotalLogBytes === 0 || bounding || grown < maxTotalLogBytes / smallPart) return;
    grown = 0;
    bounding = boundTotal(maxTotalLogBytes)
      .catch(report)
      .finally(() => {
        bounding = undefined;
        // Jobs may have written meanwhile, and nothing since.
        lookAtTotal();
      });
  }

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
    refill();
    return view;
  }

  /** @throws BgJobsError `invalid_request` */
  async function cleanUp({ status, dryRun, ...rule }: z.output<typeof cleanupRequest>): Promise<CleanupResult> {
    const statuses = status === undefined ? {} : { statuses: parseEndedStatuses(status) };
    const result = await clean({ ...rule, ...statuses }, dryRun);
    refill();
    return result;
  }

  function refill(): void {
    disk.refill().catch(report);
  }

  async function clean(rule: Rule, dryRun = false): Promise<CleanupResult> {
    const { statuses = endedStatuses, session } = rule;
    const filter = { statuses, ...(session !== undefined && { session }) };
    const before = rule.olderThanMs === undefined ? undefined : now() - rule.olderThanMs;
    const isNewest = newestOfSession(rule.keepPerSession ?? 0);
    let cleaned = 0;
    for (const job of removable(filter, rule.keep, before)) {
      if (isNewest(job) || (await isNeeded(job))) continue;
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

  /** @returns whether a finished job is among the newest of its session */
  function newestOfSession(keep: number): (job: JobRow) => boolean {
    if (keep === 0) return () => false;
    const removableUpTo = new Map<string, number>();
    return ({ session, row }) => {
      const filter = { statuses: endedStatuses, session };
      const last = removableUpTo.get(session) ?? store.jobs.newestRemovable(filter, keep, undefined);
      removableUpTo.set(session, last);
      return row > last;
    };
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
    const { keepFinishedMs, keepFinishedJobs, keepFinishedJobsPerSession, keepLogBytes, maxTotalLogBytes } =
      settings.current;
    await finishRemovals();
    await clean({ olderThanMs: keepFinishedMs });
    await clean({ keep: keepFinishedJobs, keepPerSession: Math.min(keepFinishedJobsPerSession, keepFinishedJobs) });
    await boundRuns();
    await boundLogs(keepLogBytes);
    if (maxTotalLogBytes > 0) await boundTotal(maxTotalLogBytes);
    await removeOldFolders();
    disk.spend(() => store.events.forgetRemoved(now() - keepFinishedMs));
    refill();
  }

  /**
   * The record first: a folder without a record is removed later, a record without its logs would be wrong.
   * @returns false when the job has changed since `job` was read: restarted or pinned, it stays
   */
  async function remove(job: JobRow): Promise<boolean> {
    const folders = foldersOf(job);
    try {
      if (!store.removeJob(job)) return false;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      return removeFromFullDisk(job, folders);
    }
    try {
      for (const folder of folders) await removeFolder(folder);
    } catch (error) {
      // The job is removed. What a disk that cannot be written keeps of it, the next host removes.
      if (!isDiskFull(error)) throw error;
    }
    return true;
  }

  /**
   * Its logs first, because they make room for the record of the removal. Their folders tell the next host that the job is
   * being removed, should this one be killed meanwhile.
   */
  async function removeFromFullDisk(job: JobRow, folders: readonly string[]): Promise<boolean> {
    const moved = folders.flatMap((folder) => moveAside(folder) ?? []);
    for (const folder of moved) {
      for (const file of readdirSync(folder)) await removeFolder(join(folder, file));
    }
    const isRemoved = disk.spend(() => store.removeJob(job));
    for (const folder of moved) await removeFolder(folder);
    return isRemoved;
  }

  /** @returns where it is now; undefined if it is missing */
  function moveAside(folder: string): string | undefined {
    const aside = join(removing, basename(folder));
    try {
      disk.spend(() => renameSync(folder, aside));
      return aside;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Removes the jobs whose removal a killed host, or a disk without any room, has left half done. */
  async function finishRemovals(): Promise<void> {
    for (const name of readdirSync(removing)) {
      const [id = ''] = name.split('.');
      const [found] = store.read([store.jobs.byId(id)]);
      const [job] = found?.task ? store.read([store.jobs.byRow(found.task.row)]) : [found];
      if (job && (isEnded(job.status) || job.status === 'held')) await removeFromFullDisk(job, foldersOf(job));
      await removeFolder(join(removing, name));
    }
  }

  function foldersOf(job: JobRow): string[] {
    const tasks = job.spec.array ? store.arrays.tasks.runs(job.row) : [];
    return [...tasks, { id: job.id, run: job.run ?? 0 }].flatMap(({ id, run }) =>
      Array.from({ length: run }, (_, index) => runFolder(home, id, index + 1)),
    );
  }

  /** Removes old runs of jobs that have too many; the newest stay, and all that decide about the next attempt. */
  async function boundRuns(): Promise<void> {
    const rows = store.runs.jobsWithMany().map((row) => store.jobs.byRow(row));
    for (const { id, row, pinned, spec } of store.read(rows)) {
      if (pinned) continue;
      const keep = Math.max(manyRuns, spec.retry?.maxAttempts ?? 0, (spec.restart?.maxRestarts ?? 0) + 1);
      const old = store.runs.ofJob(row).slice(0, -keep);
      const unneeded = old.filter(({ leftovers }) => leftovers.length === 0);
      disk.spend(() => store.removeRuns(unneeded));
      for (const { number } of unneeded) await removeFolder(runFolder(home, id, number));
    }
  }

  /** Removes the oldest finished jobs until the logs of the others fit; the newest of each session if need be. */
  async function boundLogs(keepLogBytes: number): Promise<void> {
    let bytes = store.runs.ended().logBytes;
    for (const keep of [settings.current.keepFinishedJobsPerSession, 0]) {
      if (bytes <= keepLogBytes) return;
      const isNewest = newestOfSession(keep);
      for (const job of removable({ statuses: endedStatuses })) {
        if (bytes <= keepLogBytes) return;
        if (isNewest(job) || (await isNeeded(job))) continue;
        const freed = store.runs.logBytes(job.row);
        if (await remove(job)) bytes -= freed;
      }
    }
  }

  /** Keeps all logs together within `most` bytes: finished jobs are removed first, then the largest running logs are cut. */
  async function boundTotal(most: number): Promise<void> {
    const running = tracker.keptBytes();
    // A little less, because so much may be written before the next look.
    const goal = most - most / smallPart;
    if (running + store.runs.ended().logBytes <= goal) return;
    await boundLogs(Math.max(0, goal - running));
    tracker.cutTo(Math.max(0, goal - store.runs.ended().logBytes));
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
