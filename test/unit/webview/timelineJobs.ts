import type { Bar } from '../../../src/webview/timelineBars.ts';
import type { Outcome, TimelineJob, TimelineRun } from '../../../src/webview/timelineMessages.ts';

let made = 0;

export function jobOf(changes: Partial<TimelineJob> = {}): TimelineJob {
  const id = `job ${made++}`;
  const { created = 0 } = changes;
  return {
    ...{ id, title: id, session: 'shop', created, queued: created, due: null, after: [], isRetried: false, wait: null },
    runs: [],
    ...changes,
  };
}

export function runOf(number: number, from: number, to: number | null, outcome: Outcome = 'completed'): TimelineRun {
  return { number, from, to, outcome: to === null ? 'running' : outcome, text: outcome };
}

/** A bar without a wait. @param end Infinity while it goes on */
export function barOf(begin: number, end: number, session = 'shop', outcome: Outcome = 'completed'): Bar {
  const run = runOf(1, begin, end === Infinity ? null : end, outcome);
  return { job: jobOf({ session, runs: [run] }), run, waits: [], begin, end, outcome: run.outcome };
}
