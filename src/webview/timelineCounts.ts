import type { Bar } from './timelineBars.ts';
import type { Outcome } from './timelineMessages.ts';
import type { TimeRange } from './timeRange.ts';

/** Beginnings and ends of what is counted, each in the order of time. Milliseconds since the epoch. */
export interface Boundaries {
  readonly begins: Float64Array;
  readonly ends: Float64Array;
}

/** What a timeline counts: what runs, what waits for a slot, and what has ended. */
export interface Counted {
  readonly running: Boundaries;
  readonly queued: Boundaries;
  /** In the order of time. */
  readonly ended: readonly { readonly time: number; readonly outcome: Outcome }[];
}

export function counted(bars: readonly Bar[]): Counted {
  const runs = bars.flatMap(({ run }) => (run ? [run] : []));
  const waits = bars.flatMap(({ waits }) => waits.filter(({ reason }) => reason === 'slot'));
  return {
    running: boundaries(runs.map(({ from, to }) => ({ from, to: to ?? Infinity }))),
    queued: boundaries(waits),
    ended: runs
      .flatMap(({ to, outcome }) => (to === null ? [] : [{ time: to, outcome }]))
      .sort((one, other) => one.time - other.time),
  };
}

function boundaries(spans: readonly { from: number; to: number }[]): Boundaries {
  const begins = Float64Array.from(spans, ({ from }) => from).sort();
  const ends = Float64Array.from(spans, ({ to }) => to).sort();
  return { begins, ends };
}

/** How many go on at most at the same time, in each of the columns into which the time is divided. */
export function peaks({ begins, ends }: Boundaries, { from, to }: TimeRange, columns: number): number[] {
  const width = (to - from) / columns;
  let [begin, end] = [firstAfter(begins, from), firstAfter(ends, from)];
  return Array.from({ length: columns }, (_, column) => {
    const until = from + (column + 1) * width;
    let most = begin - end;
    while (begin < begins.length && begins[begin]! < until) {
      // What ends at the moment at which another begins does not go on with it.
      if (end < ends.length && ends[end]! <= begins[begin]!) end++;
      else most = Math.max(most, ++begin - end);
    }
    while (end < ends.length && ends[end]! <= until) end++;
    return most;
  });
}

/** What has ended in a part of the time, by outcome. */
export interface Bucket extends TimeRange {
  readonly completed: number;
  readonly failed: number;
  readonly stopped: number;
}

/** @param width of a bucket, milliseconds. The buckets begin at multiples of it, so that they stand still while time goes on */
export function buckets(ended: Counted['ended'], { from, to }: TimeRange, width: number): Bucket[] {
  const first = Math.floor(from / width);
  const count = Math.max(0, Math.ceil(to / width) - first);
  const found = Array.from({ length: count }, (_, index) => ({
    from: (first + index) * width,
    to: (first + index + 1) * width,
    ...{ completed: 0, failed: 0, stopped: 0 },
  }));
  for (const { time, outcome } of ended) {
    const bucket = found[Math.floor(time / width) - first];
    if (bucket && (outcome === 'completed' || outcome === 'failed' || outcome === 'stopped')) bucket[outcome]++;
  }
  return found;
}

/** The number of times that are not after `time`. */
function firstAfter(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
