import type { Outcome, TimelineJob, TimelineRun } from './timelineMessages.ts';

/** A run with what it waited for before, or a wait that no run has followed. Times are milliseconds since the epoch. */
export interface Bar {
  readonly job: TimelineJob;
  readonly run: TimelineRun | null;
  readonly waits: readonly Wait[];
  /** The beginning of the wait or, if there is none, of the run. */
  readonly begin: number;
  /** Infinity while it goes on. */
  readonly end: number;
  readonly outcome: Outcome;
}

interface Wait {
  readonly from: number;
  /** Infinity while it goes on. */
  readonly to: number;
  readonly reason: 'dependency' | 'time' | 'hold' | 'retry' | 'slot' | 'other';
  /** The title of the job that was waited for, or what the host says of a wait that goes on. */
  readonly text: string;
}

/** Finds a job that another one has waited for; undefined when it is not loaded. */
export type JobById = (id: string) => TimelineJob | undefined;

/** Every start takes a moment. What is shorter than this is not called a wait; milliseconds. */
const shortestWait = 100;

/** From the first run to the last. */
export function barsOf(job: TimelineJob, jobById: JobById): Bar[] {
  const bars = job.runs.map((run, index): Bar => {
    const waits = waitsBefore(job, index, jobById).filter(({ from, to }) => to - from >= shortestWait);
    const begin = waits[0]?.from ?? run.from;
    return { job, run, waits, begin, end: run.to ?? Infinity, outcome: run.outcome };
  });
  const last = waitAfter(job);
  return last ? [...bars, last] : bars;
}

/** A job that waits now, or was canceled before it ran. */
function waitAfter(job: TimelineJob): Bar | undefined {
  if (!job.wait) return undefined;
  const { to, text, isQueued } = job.wait;
  const before = job.runs.at(-1);
  const waits = new Waits(before ? Math.max(job.queued, before.to ?? 0) : job.created);
  if (isQueued) waits.until(job.queued, beforeQueue(job));
  waits.until(to ?? Infinity, isQueued ? 'slot' : 'other', text);
  const [first] = waits.all;
  const outcome = to === null ? 'waiting' : 'stopped';
  return first && { job, run: null, waits: waits.all, begin: first.from, end: to ?? Infinity, outcome };
}

/**
 * What a run has waited for follows from the job: first for its time or until it was released, then in the queue, for the
 * jobs before it and then for a slot. When a person has put a job back into the queue is known of the last run alone.
 */
function waitsBefore(job: TimelineJob, index: number, jobById: JobById): readonly Wait[] {
  const { from: start } = job.runs[index]!;
  const before = job.runs[index - 1];
  const isLast = index === job.runs.length - 1 && job.wait === null;
  if (before) {
    const from = isLast ? job.queued : job.isRetried ? before.to : null;
    const waits = new Waits(from ?? start);
    waits.until(start, job.isRetried ? 'retry' : 'slot');
    return waits.all;
  }
  const waits = new Waits(job.created);
  if (isLast) waits.until(Math.min(job.queued, start), beforeQueue(job));
  else if (job.due !== null) waits.until(Math.min(job.due, start), 'time');
  const last = lastOf(job.after, jobById);
  if (last) waits.until(Math.min(last.time, start), 'dependency', last.title);
  waits.until(start, 'slot');
  return waits.all;
}

function beforeQueue({ due }: TimelineJob): Wait['reason'] {
  return due === null ? 'hold' : 'time';
}

/** Waits that follow each other. */
class Waits {
  readonly all: Wait[] = [];
  #from: number;

  constructor(from: number) {
    this.#from = from;
  }

  until(to: number, reason: Wait['reason'], text = ''): void {
    if (to <= this.#from) return;
    this.all.push({ from: this.#from, to, reason, text });
    this.#from = to;
  }
}

/** The last of these jobs to end. */
function lastOf(ids: readonly string[], jobById: JobById): { title: string; time: number } | undefined {
  const ends = ids.flatMap((id) => {
    const job = jobById(id);
    const time = job?.runs.at(-1)?.to ?? null;
    return job && time !== null ? [{ title: job.title, time }] : [];
  });
  return ends.reduce<(typeof ends)[number] | undefined>(
    (last, one) => (last && last.time > one.time ? last : one),
    undefined,
  );
}
