/** Milliseconds since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** What is shown: the newest time, as long as `follow` says, in milliseconds, or all of it; or a time that stands still. */
export type Shown = { readonly follow: number | 'all' } | ({ readonly follow: null } & TimeRange);

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export const quarterMs = 15 * minute;
export const hourMs = hour;
export const dayMs = day;

const shortest = second;
const longest = 3660 * day;
/** The part of the time that is left free after now: the titles of what has just ended stand there. */
const margin = 0.15;
/** The same before the first job. */
const before = 0.03;

/** @param earliest the first time of which something is known */
export function rangeOf(shown: Shown, now: number, earliest: number): TimeRange {
  if (shown.follow === null) return { from: shown.from, to: shown.to };
  const span = shown.follow === 'all' ? Math.max(minute, (now - earliest) * (1 + before)) : shown.follow;
  return { from: now - span, to: now + span * margin };
}

/**
 * @param factor below 1: a shorter time is shown
 * @param at what stays where it is; without it now, if that is followed, else the middle
 */
export function zoomed(shown: Shown, range: TimeRange, factor: number, at?: number): Shown {
  const span = range.to - range.from;
  const wanted = clamp(span * factor, shortest, longest);
  if (at === undefined && shown.follow !== null) return { follow: wanted / (1 + margin) };
  const fixed = at ?? (range.from + range.to) / 2;
  const from = fixed - (fixed - range.from) * (wanted / span);
  return { follow: null, from, to: from + wanted };
}

/** Moves by a part of what is shown. The newest time is followed again once it is reached. */
export function panned({ from, to }: TimeRange, part: number, now: number): Shown {
  const span = to - from;
  const length = span / (1 + margin);
  if (to + span * part >= now + length * margin) return { follow: length };
  return { follow: null, from: from + span * part, to: to + span * part };
}

/** Moves as little as is needed to show the time. */
export function movedTo(shown: Shown, range: TimeRange, from: number, to: number): Shown {
  if (to >= range.from && from <= range.to) return shown;
  const span = range.to - range.from;
  const start = from - span / 4;
  return { follow: null, from: start, to: start + span };
}

const steps = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14, 30, 90, 365].map((count) => count * day),
];

/** A round time of which the range has at most `most`. Milliseconds. */
export function roundStep({ from, to }: TimeRange, most: number): number {
  return steps.find((step) => (to - from) / step <= most) ?? 1000 * day;
}

/** Round times by the local clock. */
export function ticksOf(range: TimeRange, most: number): { readonly step: number; readonly times: readonly number[] } {
  const step = roundStep(range, most);
  const offset = new Date(range.from).getTimezoneOffset() * minute;
  const first = Math.ceil((range.from - offset) / step) * step + offset;
  const times: number[] = [];
  for (let time = first; time <= range.to; time += step) times.push(time);
  return { step, times };
}

/**
 * A range in steps of a quarter of its length that holds the given one, so that what is computed for it holds for a while.
 */
export function widened({ from, to }: TimeRange): TimeRange {
  const step = 2 ** Math.round(Math.log2((to - from) / 4));
  return { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
