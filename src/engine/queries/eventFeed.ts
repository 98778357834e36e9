import { Wakeup } from '../../logs/wakeup.ts';
import type { EventRow } from '../../store/eventTable.ts';
import { type EventPage, eventsQuery, type EventsQuery, type JobEvent } from '../../api/events.ts';
import type { Job } from '../../api/job.ts';
import { validate } from '../../api/validate.ts';
import type { Views } from './jobs.ts';
import { findJobOfEvents } from './lookup.ts';
import type { JobProgress } from './jobProgress.ts';
import type { Store } from '../../store/store.ts';

const pageSize = 100;

/** Between two looks at the progress of running jobs (milliseconds). */
const progressMs = 1000;

interface Deps {
  store: Store;
  views: Views;
  progress: JobProgress;
}

/**
 * Events from the store, then live. A reader pulls: a change only wakes it up, so a slow one costs no memory and none
 * misses or repeats a number.
 */
export async function* readEvents(deps: Deps, query: EventsQuery, signal: AbortSignal): AsyncGenerator<JobEvent> {
  const { store } = deps;
  const { since, jobId, progress } = selection(store, query);
  const told = new Map<string, string>();
  let seq = since ?? store.events.last();
  const wakeup = new Wakeup(signal);
  const stop = store.onChange(() => wakeup.wake());
  try {
    while (!signal.aborted) {
      const page = pageAfter(store, seq, pageSize, jobId);
      for (const row of page.rows) {
        yield eventView(deps, row);
        if (signal.aborted) return;
      }
      seq = page.next;
      if (page.rows.length > 0) continue;
      const running = progress ? runningJobs(deps, jobId) : [];
      for (const job of await deps.progress.allWithProgress(running)) {
        if (isNews(job, told)) yield progressEvent(seq, job);
      }
      const timer = running.length > 0 ? setTimeout(wakeup.wake, progressMs) : undefined;
      await wakeup.next();
      clearTimeout(timer);
    }
  } finally {
    stop();
    wakeup.dispose();
  }
}

function runningJobs({ store, views }: Deps, jobId: string | undefined): Job[] {
  const raws = jobId === undefined ? store.jobs.list({ statuses: ['running'] }, pageSize) : [store.jobs.byId(jobId)];
  const jobs = store.read(raws).map((job) => views.job(job));
  return jobs.filter(({ status }) => status === 'running');
}

/** @param told the progress that was told last, by job */
function isNews({ id, progress }: Job, told: Map<string, string>): boolean {
  const text = JSON.stringify(progress);
  const before = told.get(id) ?? 'null';
  told.set(id, text);
  return text !== before;
}

function progressEvent(seq: number, job: Job): JobEvent {
  const { id: jobId, run, session, progress } = job;
  const none = { from: null, to: null, reason: null };
  const text = progress?.text ?? null;
  return { seq, time: new Date().toISOString(), type: 'progress', jobId, run, session, ...none, text, job };
}

/** What there is, at once. */
export function listEvents(deps: Deps, query: EventsQuery): EventPage {
  const { store } = deps;
  const { since, jobId, limit } = selection(store, query);
  if (since === undefined) return { events: [], next: store.events.last(), more: false };
  const { rows, next, more } = pageAfter(store, since, limit, jobId);
  return { events: rows.map((row) => eventView(deps, row)), next, more };
}

function selection(store: Store, query: EventsQuery) {
  const { since, job, limit, progress } = validate(eventsQuery, query);
  const jobId = job === undefined ? undefined : findJobOfEvents(store, job);
  // A number that is yet to come is one of another store, in whose place this one is: all of this one is new.
  return { since: since !== undefined && since > store.events.last() ? 0 : since, jobId, limit, progress };
}

/** @returns in `next` the number up to which everything has been looked at, also where it was of other jobs */
function pageAfter(store: Store, seq: number, limit: number, jobId: string | undefined) {
  const found = store.events.after(seq, limit + 1, jobId);
  const rows = found.slice(0, limit);
  const more = found.length > limit;
  const next = more ? (rows.at(-1)?.seq ?? seq) : Math.max(seq, store.events.last());
  return { rows, next, more };
}

/** With the job as it is now; null when it is no more. */
function eventView(deps: Deps, row: EventRow): JobEvent {
  const [job] = deps.store.read([deps.store.jobs.byId(row.jobId)]);
  return {
    seq: row.seq,
    time: new Date(row.time).toISOString(),
    type: row.type,
    jobId: row.jobId,
    run: row.run,
    session: row.session,
    from: row.fromStatus,
    to: row.toStatus,
    reason: row.reason,
    text: row.text,
    job: job ? deps.views.job(job) : null,
  };
}
