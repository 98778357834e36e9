import { BgJobsError } from '../../api/errors.ts';
import { activeStatuses, endedStatuses, failedStatuses, jobSigns, waitingStatuses } from '../../api/values.ts';
import type { Hook } from '../../api/hooks.ts';
import { isElsewhere } from '../../api/values.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { shortIdLength, shortIdOf } from '../../store/newJobId.ts';
import type { RunRow } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';

/** How many ids an error names, so that whoever mistyped one can choose. */
const idsInError = 10;

/**
 * The only place that tells which job is meant.
 * @param reference a UUID or any unique prefix of one; or else a name, which means the job of that name that is active,
 * or that waits, or that was created last (a name goes before a prefix that is shorter than the ids that are shown); `@last`, the newest job; `@failed`, the last one that failed. With a colon and
 * a number behind it, that task of the array
 * @throws BgJobsError `job_not_found`, with the newest ids; `invalid_request` when several jobs are meant
 */
export function findJob(store: Store, reference: string): JobRow {
  const [, array, number] = /^(.+):(\d{1,9})$/s.exec(reference) ?? [];
  const meant = (of: string): JobRow | undefined => byId(store, of) ?? bySign(store, of) ?? byName(store, of);
  if (array === undefined) return meant(reference) ?? missing(store, reference);
  // The names of scripts may have colons, and a number behind the last one.
  const found = byId(store, array) ?? byName(store, reference);
  if (found && found.spec.name === reference.trim()) return found;
  return findTask(store, found ?? meant(array) ?? missing(store, reference), Number(number));
}

function byId(store: Store, reference: string): JobRow | undefined {
  const prefix = prefixOf(reference);
  if (prefix === undefined) return undefined;
  const [job, another] = store.read(store.jobs.byPrefix(prefix, 2));
  // By chance, an id may begin like a name such as "db".
  const named = another || (job && isLikeName(prefix)) ? byName(store, reference) : undefined;
  if (named || !another) return named ?? job;
  const ids = store.jobs.byPrefix(prefix, idsInError).map((row) => row.id);
  throw ambiguous(reference, ids);
}

/** What stands for a job in place of its id or name. */
function bySign(store: Store, reference: string): JobRow | undefined {
  if (reference === jobSigns.last) return store.read(store.jobs.list({}, 1))[0];
  if (reference !== jobSigns.failed) return undefined;
  return store.read(store.jobs.listEnded({ statuses: failedStatuses }, 1))[0];
}

/** @throws BgJobsError `invalid_request` when several jobs of that name are active, or wait and none is active */
function byName(store: Store, reference: string): JobRow | undefined {
  const name = reference.trim();
  for (const statuses of [activeStatuses, waitingStatuses]) {
    const found = store.read(store.jobs.byName(name, statuses, idsInError));
    if (found.length > 1) {
      const text = `Several jobs that have not ended are named "${name}". Use the id of one.`;
      throw new BgJobsError('invalid_request', text, { jobs: found.map(candidate) });
    }
    if (found[0]) return found[0];
  }
  return store.read(store.jobs.byName(name, endedStatuses, 1))[0];
}

function missing(store: Store, reference: string): never {
  const jobs = store.read(store.jobs.list({}, idsInError)).map(candidate);
  const sign = reference === jobSigns.last ? 'There is no job.' : 'No job has failed.';
  const text = Object.values<string>(jobSigns).includes(reference)
    ? sign
    : `No job has the id or the name "${reference}".`;
  throw new BgJobsError('job_not_found', text, { id: reference, jobs });
}

function candidate(job: JobRow) {
  return { shortId: shortIdOf(job), name: job.spec.name ?? null, status: job.status };
}

/** @throws BgJobsError `hook_not_found` */
export function noHook(name: string, hooks: readonly Hook[]): never {
  const names = hooks.map((hook) => hook.name).join(', ') || 'none';
  throw new BgJobsError('hook_not_found', `There is no hook "${name}". The hooks are: ${names}.`, { name });
}

/** @throws BgJobsError `job_not_found` */
function findTask(store: Store, array: JobRow, number: number): JobRow {
  const [task] = store.read([store.arrays.tasks.byNumber(array.row, number)]);
  if (task) return task;
  const short = shortIdOf(array);
  const why = array.spec.array
    ? `Array ${short} has no task ${number}`
    : `Job ${short} is not an array, so it has no tasks`;
  throw new BgJobsError('job_not_found', `${why}.`, { id: `${array.id}:${number}` });
}

/** @throws BgJobsError `invalid_state` for an array, which has no run */
export function checkNoArray(job: JobRow): void {
  if (job.spec.array) throw wrongState(job, `It is an array. Name one of its tasks, for example ${shortIdOf(job)}:1.`);
}

/** @throws BgJobsError `invalid_state` for a task, which is not kept or queued by itself */
export function checkNoTask(job: JobRow): void {
  if (job.task)
    throw wrongState(job, `It is a task of an array. Use the id of the array, ${shortIdOf({ ...job, task: null })}.`);
}

/** As findJob, for its events: those of a job that was removed are kept for a while. @returns the whole id */
export function findJobOfEvents(store: Store, id: string): string {
  const prefix = prefixOf(id);
  const named = prefix !== undefined && isLikeName(prefix) ? byName(store, id) : undefined;
  if (named) return named.id;
  const isThere = prefix === undefined || store.jobs.byPrefix(prefix, 1).length > 0;
  const removed = isThere ? [] : store.events.removedIds(prefix, idsInError);
  if (removed.length > 1) throw ambiguous(id, removed);
  return removed[0] ?? findJob(store, id).id;
}

function prefixOf(id: string): string | undefined {
  const prefix = id.toLowerCase();
  return /^[0-9a-f-]{1,36}$/.test(prefix) ? prefix : undefined;
}

/** Whether it is shorter than the ids that people are shown. */
function isLikeName(prefix: string): boolean {
  return prefix.length < shortIdLength;
}

function ambiguous(id: string, ids: string[]): BgJobsError {
  return new BgJobsError('invalid_request', `Several job ids begin with "${id}". Use a longer prefix.`, { ids });
}

/**
 * @param runId `<job uuid>.<n>`; what else stands for the job serves too
 * @throws BgJobsError `run_not_found`; `invalid_request` when several jobs are meant
 */
export function findRun(store: Store, runId: string): { job: JobRow; run: RunRow } {
  const [, id, number] = /^(.+)\.(\d{1,9})$/s.exec(runId) ?? [];
  const job = id === undefined ? undefined : (byId(store, id) ?? bySign(store, id) ?? byName(store, id));
  const run = job && store.runs.byNumber(job.row, Number(number));
  if (!job || !run) throw new BgJobsError('run_not_found', `No run has the id "${runId}".`, { runId });
  return { job, run };
}

/** @param text what is possible instead */
export function wrongState(job: JobRow, text: string): BgJobsError {
  const { status } = job;
  return new BgJobsError('invalid_state', `Job ${shortIdOf(job)} is ${status}. ${text}`, { status });
}

/** Whether its run was handed over to a cluster, where it has not begun. */
export function waitsElsewhere({ status, spec }: Pick<JobRow, 'status' | 'spec'>): boolean {
  return status === 'starting' && isElsewhere(spec);
}
