import type * as z from 'zod';
import { BgJobsError } from '../../api/errors.ts';
import type { JobList, ListQuery, listQuery } from '../../api/job.ts';
import { endedStatuses, isEnded, type EndedStatus } from '../../api/values.ts';
import type { JobFilter, Sort } from '../../store/jobFilter.ts';
import type { Store } from '../../store/store.ts';
import type { Views } from './jobs.ts';
import { parseQuery, parseStatuses, parseTag, readSortCursor, sortCursorText } from './jobQuery.ts';
import { findJob, wrongState } from './lookup.ts';

/** @throws BgJobsError `invalid_request` for a status in which a job has not ended */
export function parseEndedStatuses(text: string): EndedStatus[] {
  return parseStatuses(text).map((status) => {
    const ended = endedStatuses.find((known) => known === status);
    if (ended) return ended;
    const text = `Jobs that are ${status} are not cleaned up. Use ${endedStatuses.join(', ')}.`;
    throw new BgJobsError('invalid_request', text);
  });
}

/** @throws BgJobsError `invalid_request` for an unknown status or cursor */
export function listJobs(parts: Parts, query: z.output<typeof listQuery>): JobList {
  const list = (): JobList => {
    const { schedule } = query;
    // By the beginning of its id a schedule is known that has been removed, too.
    const isName = schedule !== undefined && !/^[\da-f-]{1,36}$/i.test(schedule);
    const asked = isName ? { ...query, schedule: findJob(parts.store, schedule).id } : query;
    const sort = query.q === undefined ? undefined : parseQuery(query.q, Date.now()).sort;
    if (query.order === 'ended' && !sort) return listEnded(parts, asked);
    return listCreated(parts, asked, sort);
  };
  // What counts back from now changes by itself.
  return /\b(?:since|before)=/.test(query.q ?? '') ? list() : parts.views.list(JSON.stringify(query), list);
}

interface Parts {
  store: Store;
  views: Views;
}

type Query = Omit<z.output<typeof listQuery>, 'order'>;

function listCreated({ store, views }: Parts, { limit, cursor, ...filters }: Query, sort: Sort | undefined): JobList {
  const { array: id, ...others } = filters;
  const array = id === undefined ? undefined : findJob(store, id);
  if (array && !array.spec.array) throw wrongState(array, 'It is not an array, so it has no tasks to list.');
  const filter = { ...filterOf(others), ...(array && { array: array.row }) };
  if (sort) return listSorted({ store, views }, filter, sort, limit, cursor);
  const page = cursor === undefined ? filter : { ...filter, beyond: parseCursor(cursor) };
  const found = store.jobs.list(page, limit + 1);
  return {
    jobs: views.jobs(found.slice(0, limit)),
    total: store.jobs.count(filter),
    cursor: found.length > limit ? String(found[limit - 1]?.row) : null,
  };
}

function listSorted({ store, views }: Parts, filter: JobFilter, sort: Sort, limit: number, cursor?: string): JobList {
  const beyond = cursor === undefined ? undefined : readSortCursor(cursor);
  if (cursor !== undefined && !beyond) throw noCursor(cursor);
  const now = beyond?.now ?? Date.now();
  const found = store.jobs.listSorted(filter, sort, limit + 1, now, beyond);
  const last = found[limit - 1];
  return {
    jobs: views.jobs(found.slice(0, limit)),
    total: store.jobs.count(filter),
    cursor: found.length > limit && last ? sortCursorText({ key: last.sortKey, row: last.row, now }) : null,
  };
}

function listEnded({ store, views }: Parts, { limit, cursor, array, ...filters }: Query): JobList {
  if (array !== undefined)
    throw new BgJobsError('invalid_request', 'order: the tasks of an array have an order of their own');
  const { statuses = endedStatuses, ...filter } = filterOf(filters);
  const found = store.jobs.listEnded(
    { ...filter, statuses },
    limit + 1,
    cursor === undefined ? undefined : endCursor(cursor),
  );
  const last = found[limit - 1];
  return {
    jobs: views.jobs(found.slice(0, limit)),
    total: store.jobs.count({ ...filter, statuses: statuses.filter(isEnded) }),
    cursor: found.length > limit && last ? `${last.finishedAt}.${last.row}` : null,
  };
}

/** @throws BgJobsError `invalid_request` for an unknown status, and for what q does not understand */
export function filterOf({ status, session, tag, schedule, text, q }: Selection): JobFilter {
  const asked = q === undefined ? {} : parseQuery(q, Date.now()).filter;
  const given = status === undefined ? undefined : parseStatuses(status);
  const statuses = asked.statuses && given ? given.filter((one) => asked.statuses?.includes(one)) : given;
  const isNone = session !== undefined && asked.session !== undefined && session !== asked.session;
  return {
    ...asked,
    ...(statuses && { statuses }),
    ...(isNone && { statuses: [] }),
    ...(session !== undefined && { session }),
    ...(tag !== undefined && { tag: parseTag(tag) }),
    ...(schedule !== undefined && { schedule: schedule.toLowerCase() }),
    ...(text !== undefined && { text: [text, asked.text ?? ''].join(' ') }),
  };
}

/** What selects jobs: each of what is given must be true of them. */
export type Selection = Pick<ListQuery, 'status' | 'session' | 'tag' | 'schedule' | 'text' | 'q'>;

/** @throws BgJobsError `invalid_request` */
function parseCursor(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw noCursor(cursor);
}

/** Of a list in the order of ends. @throws BgJobsError `invalid_request` */
function endCursor(cursor: string): { finishedAt: number; row: number } {
  const [, finishedAt, row] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (row === undefined) throw noCursor(cursor);
  return { finishedAt: Number(finishedAt), row: Number(row) };
}

function noCursor(cursor: string): BgJobsError {
  return new BgJobsError('invalid_request', `cursor: "${cursor}" is not a cursor from an earlier answer`);
}
