import { coarseElapsed, duration } from '../text/timeText.ts';
import type { Bar } from './timelineBars.ts';
import type { TimelineWords } from './timelineMessages.ts';
import { dayMs } from './timeRange.ts';

const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { timeStyle: 'short' });
const exactClock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
const dayOnly = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' });
const whole = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
const numbers = new Intl.NumberFormat(language);

export function filled(text: string, ...values: (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (_, index) => {
    const value = values[Number(index)] ?? '';
    return typeof value === 'number' ? numbers.format(value) : value;
  });
}

/** @param step the time between two marks, milliseconds */
export function tickText(time: number, step: number): string {
  const date = new Date(time);
  if (step >= dayMs || (date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0)) {
    return dayOnly.format(date);
  }
  return (step < 60_000 ? exactClock : clock).format(date);
}

export function timeText(time: number): string {
  return whole.format(time);
}

/** How long something takes: exact when it is over. */
function lasting(from: number, to: number, now: number): string {
  return to === Infinity ? coarseElapsed(now - from) : duration(to - from);
}

export function runTime({ run }: Bar, now: number): string {
  return run ? lasting(run.from, run.to ?? Infinity, now) : '';
}

export function stateOf(bar: Bar): string {
  return bar.run?.text ?? bar.waits[0]?.text ?? '';
}

/** For example `Waited 3s to start`. Why a job waits now is already its state. */
function waitTexts({ run, waits }: Bar, words: TimelineWords, now: number): string[] {
  if (!run) return [];
  return waits.map(({ from, to, reason, text }) => {
    const time = lasting(from, to, now);
    if (reason === 'dependency') return filled(words.waitedForJob, time, text);
    return reason === 'other' ? text : filled(words.waits[reason], time);
  });
}

export function waitTime({ waits }: Bar, now: number): string {
  const [first] = waits;
  return first ? lasting(first.from, waits.at(-1)!.to, now) : '';
}

/** Everything about a bar in lines, the first of which is its title. */
export function barLines(bar: Bar, words: TimelineWords, now: number): string[] {
  const { job, run } = bar;
  const time = run ? runTime(bar, now) : waitTime(bar, now);
  const state = time === '' ? stateOf(bar) : `${stateOf(bar)} · ${time}`;
  const started = run ? `${words.started}: ${timeText(run.from)}` : '';
  return [job.title, state, ...waitTexts(bar, words, now), started, `${words.session}: ${job.session}`].filter(
    (line) => line !== '',
  );
}
