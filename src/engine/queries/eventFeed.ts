import { type EventPage, eventsQuery, type EventsQuery, type JobEvent } from '../../api/events.ts';
import { validate } from '../../api/validate.ts';
import { findJobOfEvents } from './lookup.ts';
import type { EventRow } from '../../store/eventTable.ts';
import type { Store } from '../../store/store.ts';
import type { Views } from './views.ts';
import { Wakeup } from '../../logs/wakeup.ts';

const pageSize = 100;

interface Deps {
  store: Store;
  views: Views;
}

/**
 * Events from the store, then live. A reader pulls: a change only wakes it up, so a slow one costs no memory and none
 * misses or repeats a number.
 */
export async function* readEvents(deps: Deps, query: EventsQuery, signal: AbortSignal): AsyncGenerator<JobEvent> {
  const { store } = deps;
  const { since, jobId } = selection(store, query);
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
      if (page.rows.length === 0) await wakeup.next();
    }
  } finally {
    stop();
    wakeup.dispose();
  }
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
  const { since, job, limit } = validate(eventsQuery, query);
  const jobId = job === undefined ? undefined : findJobOfEvents(store, job);
  // A number that is yet to come is one of another store, in whose place this one is: all of this one is new.
  return { since: since !== undefined && since > store.events.last() ? 0 : since, jobId, limit };
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
