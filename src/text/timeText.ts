import prettyMilliseconds from 'pretty-ms';
import type { Job } from '../api/job.ts';
import type { Translate } from './grammar.ts';

const hour = 3_600_000;

/** How long something took that was measured in whole milliseconds. */
export function timeTaken(ms: number): string {
  return ms < 1 ? '<1ms' : duration(ms);
}

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

/** A future time for a terminal, by the local clock: `in 4m 10s (17:30:00)`, with the date when it is on another day. */
export function fromNow(time: string, now: number): string {
  const at = Date.parse(time);
  // Swedish writes a time as 2026-11-20 17:30:00.
  const [date, clock] = new Date(at).toLocaleString('sv-SE').split(' ');
  const [today] = new Date(now).toLocaleString('sv-SE').split(' ');
  return `${at > now ? `in ${duration(at - now)}` : 'now'} (${date === today ? clock : `${date} ${clock}`})`;
}

/** A future time for the editor, in its locale and no finer than is read: `at 5:30 PM (in 5m)`. */
export function coarseTime(time: string, now: number, t: Translate): string {
  const at = new Date(time);
  const remaining = at.getTime() - now;
  const clock =
    remaining < 24 * hour
      ? at.toLocaleTimeString([], { timeStyle: 'short' })
      : at.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  return isSoon(time, now) ? t('at {0} (in {1})', clock, coarseRemaining(remaining)) : t('at {0}', clock);
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

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `1h30m`, `500ms`, `2d`, or a plain number of seconds. @returns milliseconds; undefined for anything else */
export function readDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
  return Math.round(parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (unitMs[unit] ?? 0), 0));
}

const pattern = /^(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d?:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?$/;

/** Later years have more than four digits. */
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Reads a time with a zone (`2026-11-20T17:30:00+01:00`), in local time (`2026-11-20 17:30`, or `17:30` for the next such
 * time), or a duration from now (`10m`).
 * @param now milliseconds since the epoch
 * @returns ISO 8601 in UTC; undefined for anything else
 */
export function readTime(text: string, now: number): string | undefined {
  const [, day, clock, zone] = pattern.exec(text) ?? [];
  const time =
    clock === undefined
      ? now + (readDuration(text) ?? NaN)
      : day === undefined && zone === undefined
        ? next(clock, now)
        : timeOn(day ?? '', clock, zone);
  return Math.abs(time) <= latest ? new Date(time).toISOString() : undefined;
}

/**
 * Reads a time that has passed: as {@link readTime}, but a duration counts back from now, and `17:30` is the last such
 * time; a day alone (`2026-11-20`) begins at midnight, in local time.
 * @returns milliseconds since the epoch; undefined for anything else
 */
export function readPast(text: string, now: number): number | undefined {
  const ago = readDuration(text);
  if (ago !== undefined) return now - ago;
  const time = readTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text} 00:00` : text, now);
  if (time === undefined) return undefined;
  const at = new Date(time);
  if (at.getTime() > now && /^\d\d?:/.test(text)) at.setDate(at.getDate() - 1);
  return at.getTime();
}

/** In local time if no zone is given; a time that summer time skips is one hour later. NaN for no valid time. */
function timeOn(day: string, clock: string, zone = ''): number {
  const exists = new Date(Date.parse(`${day}T00:00:00Z`) || 0).toISOString().startsWith(day);
  return exists ? Date.parse(`${day}T${clock.replace(/^(\d):/, '0$1:')}${zone}`) : NaN;
}

/** Today, or tomorrow if that is in the past. */
function next(clock: string, now: number): number {
  const date = new Date(now);
  // Swedish writes a date as 2026-11-20.
  const today = timeOn(date.toLocaleDateString('sv-SE'), clock);
  if (!(today <= now)) return today;
  date.setDate(date.getDate() + 1);
  return timeOn(date.toLocaleDateString('sv-SE'), clock);
}
