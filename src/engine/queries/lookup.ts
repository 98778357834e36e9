import type * as z from 'zod';
import { BgJobsError } from '../../api/errors.ts';
import type { JobList, listQuery } from '../../api/job.ts';
import {
  activeStatuses,
  type EndedStatus,
  endedStatuses,
  type JobStatus,
  jobStatuses,
  waitingStatuses,
} from '../../api/values.ts';
import type { JobFilter, JobRow } from '../../store/jobTable.ts';
import type { RunRow } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';
import type { Views } from './views.ts';

/** How many ids an error names, so that whoever mistyped one can choose. */
const idsInError = 10;

/**
 * @param id a UUID or any unique prefix of one, at least one character
 * @throws BgJobsError `job_not_found`, with the newest ids; `invalid_request` when several jobs begin so
 */
export function findJob(store: Store, id: string): JobRow {
  const prefix = prefixOf(id);
  const [job, another] = prefix === undefined ? [] : store.read(store.jobs.byPrefix(prefix, 2));
  if (job && !another) return job;
  if (job && prefix !== undefined) {
    const ids = store.jobs.byPrefix(prefix, idsInError).map((row) => row.id);
    throw ambiguous(id, ids);
  }
  const known = store.read(store.jobs.list({}, idsInError));
  const jobs = known.map(({ id: jobId, spec, status }) => ({
    shortId: jobId.slice(0, 8),
    name: spec.name ?? null,
    status,
  }));
  throw new BgJobsError('job_not_found', `No job has the id "${id}".`, { id, jobs });
}

/** As findJob, for its events: those of a job that was removed are kept for a while. @returns the whole id */
export function findJobOfEvents(store: Store, id: string): string {
  const prefix = prefixOf(id);
  const isThere = prefix === undefined || store.jobs.byPrefix(prefix, 1).length > 0;
  const removed = isThere ? [] : store.events.jobIds(prefix, idsInError);
  if (removed.length > 1) throw ambiguous(id, removed);
  return removed[0] ?? findJob(store, id).id;
}

function prefixOf(id: string): string | undefined {
  const prefix = id.toLowerCase();
  return /^[0-9a-f-]{1,36}$/.test(prefix) ? prefix : undefined;
}

function ambiguous(id: string, ids: string[]): BgJobsError {
  return new BgJobsError('invalid_request', `Several job ids begin with "${id}". Use a longer prefix.`, {
    ids,
  });
}

/**
 * @param runId `<job uuid>.<n>`; a prefix of the uuid serves too
 * @throws BgJobsError `run_not_found`
 */
export function findRun(store: Store, runId: string): { job: JobRow; run: RunRow } {
  const [, id, number] = /^([0-9a-fA-F-]{1,36})\.(\d{1,9})$/.exec(runId) ?? [];
  const rows = id === undefined ? [] : store.read(store.jobs.byPrefix(id.toLowerCase(), 2));
  const [job, another] = rows;
  const run = job && !another ? store.runs.byNumber(job.row, Number(number)) : undefined;
  if (!job || !run) throw new BgJobsError('run_not_found', `No run has the id "${runId}".`, { runId });
  return { job, run };
}

const groups = new Map<string, readonly JobStatus[]>([
  ['running', activeStatuses],
  ['waiting', waitingStatuses],
  ['finished', endedStatuses],
]);

/**
 * @param text statuses or the groups `running`, `waiting`, `finished`, separated by commas
 * @throws BgJobsError `invalid_request`
 */
function parseStatuses(text: string): JobStatus[] {
  return text.split(',').flatMap((word) => {
    const name = word.trim();
    const group = groups.get(name);
    if (group) return [...group];
    const status = jobStatuses.find((known) => known === name);
    if (status) return [status];
    const known = [...new Set([...groups.keys(), ...jobStatuses])];
    throw new BgJobsError('invalid_request', `Unknown status "${name}". Use one or more of ${known.join(', ')}.`);
  });
}

/** @throws BgJobsError `invalid_request` for a status in which a job has not ended */
export function parseEndedStatuses(text: string): EndedStatus[] {
  return parseStatuses(text).map((status) => {
    const ended = endedStatuses.find((known) => known === status);
    if (ended) return ended;
    throw new BgJobsError(
      'invalid_request',
      `Jobs that are ${status} are not cleaned up. Use ${endedStatuses.join(', ')}.`,
    );
  });
}

/** Newest first. @throws BgJobsError `invalid_request` for an unknown status or cursor */
export function listJobs(
  { store, views }: { store: Store; views: Views },
  { limit, cursor, ...filters }: z.output<typeof listQuery>,
): JobList {
  const filter = filterOf(filters);
  const page = cursor === undefined ? filter : { ...filter, before: parseCursor(cursor) };
  const found = store.jobs.list(page, limit + 1);
  const jobs = store.read(found.slice(0, limit));
  return {
    jobs: jobs.map((job) => views.job(job)),
    total: store.jobs.count(filter),
    cursor: found.length > limit ? String(found[limit - 1]?.row) : null,
  };
}

/** @throws BgJobsError `invalid_request` for an unknown status */
export function filterOf(query: {
  status?: string | undefined;
  session?: string | undefined;
  tag?: string | undefined;
  schedule?: string | undefined;
}): JobFilter {
  const { status, session, tag, schedule } = query;
  return {
    ...(status !== undefined && { statuses: parseStatuses(status) }),
    ...(session !== undefined && { session }),
    ...(tag !== undefined && { tag: parseTag(tag) }),
    ...(schedule !== undefined && { schedule: schedule.toLowerCase() }),
  };
}

/** @param text `key=value`, or `key` for any value */
function parseTag(text: string): NonNullable<JobFilter['tag']> {
  const at = text.indexOf('=');
  return at < 0 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) };
}

/** @throws BgJobsError `invalid_request` */
function parseCursor(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new BgJobsError('invalid_request', `cursor: "${cursor}" is not a cursor from an earlier answer`);
}

/** @param text what is possible instead */
export function wrongState(job: JobRow, text: string): BgJobsError {
  return new BgJobsError('invalid_state', `Job ${job.id.slice(0, 8)} is ${job.status}. ${text}`, {
    status: job.status,
  });
}
