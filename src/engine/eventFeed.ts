import type { JobEvent } from '../protocol/events.ts';
import type { Job } from '../protocol/job.ts';
import type { EventRow } from './store/eventTable.ts';
import type { Store } from './store/store.ts';
import { Wakeup } from './wakeup.ts';

const pageSize = 100;

/**
 * Events from the store, then live. A reader pulls: a change only wakes it up, so a slow one costs no memory and none
 * misses or repeats a number.
 */
export async function* readEvents(
  store: Store,
  view: (jobId: string) => Job | null,
  since: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<JobEvent> {
  let seq = since ?? store.events.last();
  const wakeup = new Wakeup(signal);
  const stop = store.onChange(() => wakeup.wake());
  try {
    while (!signal.aborted) {
      const page = store.events.after(seq, pageSize);
      for (const row of page) {
        seq = row.seq;
        yield eventView(row, view(row.jobId));
        if (signal.aborted) return;
      }
      if (page.length === 0) await wakeup.next();
    }
  } finally {
    stop();
    wakeup.dispose();
  }
}

function eventView(row: EventRow, job: Job | null): JobEvent {
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
    job,
  };
}
