import { BgJobsError } from '../../api/errors.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { shortIdOf } from '../../store/newJobId.ts';
import type { RunRow } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';

/** How many ids an error names, so that whoever mistyped one can choose. */
const idsInError = 10;

/**
 * @param id a UUID or any unique prefix of one, at least one character
 * @throws BgJobsError `job_not_found`, with the newest ids; `invalid_request` when several jobs begin so
 */
export function findJob(store: Store, id: string): JobRow {
  const [, array, number] = /^([^:]+):(\d{1,9})$/.exec(id) ?? [];
  if (array !== undefined) return findTask(store, findJob(store, array), Number(number));
  const prefix = prefixOf(id);
  const [job, another] = prefix === undefined ? [] : store.read(store.jobs.byPrefix(prefix, 2));
  if (job && !another) return job;
  if (job && prefix !== undefined) {
    const ids = store.jobs.byPrefix(prefix, idsInError).map((row) => row.id);
    throw ambiguous(id, ids);
  }
  const known = store.read(store.jobs.list({}, idsInError));
  const jobs = known.map((one) => ({ shortId: shortIdOf(one), name: one.spec.name ?? null, status: one.status }));
  throw new BgJobsError('job_not_found', `No job has the id "${id}".`, { id, jobs });
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
  const isThere = prefix === undefined || store.jobs.byPrefix(prefix, 1).length > 0;
  const removed = isThere ? [] : store.events.removedIds(prefix, idsInError);
  if (removed.length > 1) throw ambiguous(id, removed);
  return removed[0] ?? findJob(store, id).id;
}

function prefixOf(id: string): string | undefined {
  const prefix = id.toLowerCase();
  return /^[0-9a-f-]{1,36}$/.test(prefix) ? prefix : undefined;
}

function ambiguous(id: string, ids: string[]): BgJobsError {
  return new BgJobsError('invalid_request', `Several job ids begin with "${id}". Use a longer prefix.`, { ids });
}

/**
 * @param runId `<job uuid>.<n>`; a prefix of the uuid serves too
 * @throws BgJobsError `run_not_found`
 */
export function findRun(store: Store, runId: string): { job: JobRow; run: RunRow } {
  const [, id, number] = /^([0-9a-fA-F-]{1,36})\.(\d{1,9})$/.exec(runId) ?? [];
  const [job, another] = id === undefined ? [] : store.read(store.jobs.byPrefix(id.toLowerCase(), 2));
  const run = job && !another ? store.runs.byNumber(job.row, Number(number)) : undefined;
  if (!job || !run) throw new BgJobsError('run_not_found', `No run has the id "${runId}".`, { runId });
  return { job, run };
}

/** @param text what is possible instead */
export function wrongState(job: JobRow, text: string): BgJobsError {
  const { status } = job;
  return new BgJobsError('invalid_state', `Job ${shortIdOf(job)} is ${status}. ${text}`, { status });
}
