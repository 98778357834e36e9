import prettyMilliseconds from 'pretty-ms';
import type { Job } from '../api/job.ts';
import type { Translate } from './grammar.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** `340ms`, `12s`, `5m 3s`, `2d 4h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  return prettyMilliseconds(ms, { unitCount: 2, secondsDecimalDigits: ms < 10_000 ? 1 : 0 });
}

/**
 * Of something that goes on, the coarser the longer it takes: in steps of 1 s, from 10 s on of 5 s, from a minute on of
 * 10 s, from an hour on of minutes. Every new text redraws a row, which takes the tooltip and the buttons away from the
 * mouse.
 */
export function coarseElapsed(ms: number): string {
  if (ms < 1000) return '0s';
  return inSteps(Math.floor, ms, ms < 10_000 ? 1000 : ms < 60_000 ? 5000 : 10_000);
}

/** Until something comes, as coarse as {@link coarseElapsed}: in steps of minutes, below two of 10 s, below 10 s of 1 s. */
export function coarseRemaining(ms: number): string {
  return inSteps(Math.ceil, ms, ms < 10_000 ? 1000 : ms < 120_000 ? 10_000 : 60_000);
}

function inSteps(round: (count: number) => number, ms: number, step: number): string {
  return prettyMilliseconds(round(ms / step) * step, { unitCount: 2, secondsDecimalDigits: 0 });
}

/** `5m ago` */
export function ago(time: string, now: number): string {
  const passed = Math.max(0, now - Date.parse(time));
  return passed < 1000 ? 'now' : `${prettyMilliseconds(passed, { compact: true })} ago`;
}

/** How a future time is worded, for example `at 2026-11-20T17:30:00.000Z`. */
type WordTime = (time: string) => string;

/** For agents and programs. */
export const atTime: WordTime = (time) => `at ${time}`;

/** For a terminal, by the local clock: `in 4m 10s (17:30:00)`, or with the date when it is on another day. */
export function fromNow(now: number): WordTime {
  return (time) => {
    const at = Date.parse(time);
    // Swedish writes a time as 2026-11-20 17:30:00.
    const [date, clock] = new Date(at).toLocaleString('sv-SE').split(' ');
    const [today] = new Date(now).toLocaleString('sv-SE').split(' ');
    return `${at > now ? `in ${duration(at - now)}` : 'now'} (${date === today ? clock : `${date} ${clock}`})`;
  };
}

/** For the editor, in its locale and no finer than is read: `at 5:30 PM (in 5m)`. */
export function coarseTime(now: number, t: Translate): WordTime {
  return (time) => {
    const at = new Date(time);
    const clock =
      at.getTime() - now < day
        ? at.toLocaleTimeString([], { timeStyle: 'short' })
        : at.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
    return isSoon(time, now) ? t('at {0} (in {1})', clock, coarseRemaining(at.getTime() - now)) : t('at {0}', clock);
  };
}

/** Whether it is less than an hour away, so that the time that remains is shown and changes. */
export function isSoon(time: string, now: number): boolean {
  const remaining = Date.parse(time) - now;
  return remaining > 0 && remaining < hour;
}

/** How long the current run lasts or lasted; null when there is none. Milliseconds. */
export function elapsed(job: Pick<Job, 'startedAt' | 'durationMs'>, now: number): number | null {
  if (job.durationMs !== null) return job.durationMs;
  return job.startedAt === null ? null : Math.max(0, now - Date.parse(job.startedAt));
}
