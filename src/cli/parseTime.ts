import { InvalidArgumentError } from 'commander';
import { parseDuration } from './parse.ts';

const pattern = /^(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d?:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?$/;

/**
 * A time with its zone (`2026-11-20T17:30:00+01:00`), one by the local clock (`2026-11-20 17:30`, or `17:30` for the
 * next such time), or how long from now (`10m`).
 * @param now milliseconds since the epoch
 * @returns ISO 8601 in UTC
 */
export function parseTime(text: string, now: number): string {
  const [, day, clock, zone] = pattern.exec(text) ?? [];
  const time =
    clock === undefined
      ? now + durationOf(text)
      : day === undefined && zone === undefined
        ? next(clock, now)
        : timeOn(day ?? '', clock, zone);
  if (Math.abs(time) <= latest) return new Date(time).toISOString();
  throw new InvalidArgumentError(
    'Write it as 2026-11-20T17:30:00Z, 2026-11-20 17:30 or 17:30 by the local clock, or as a duration from now: 10m.',
  );
}

/** What a Date can hold (ECMA-262, 21.4.1.1). */
const latest = 8.64e15;

/** Without a zone by the local clock; an hour that summer time leaves out is one later. NaN when there is none. */
function timeOn(day: string, clock: string, zone = ''): number {
  const exists = new Date(Date.parse(`${day}T00:00:00Z`) || 0).toISOString().startsWith(day);
  return exists ? Date.parse(`${day}T${clock.replace(/^(\d):/, '0$1:')}${zone}`) : NaN;
}

/** Today, or tomorrow when it is over by now. */
function next(clock: string, now: number): number {
  const date = new Date(now);
  const today = timeOn(dayOf(date), clock);
  if (!(today <= now)) return today;
  date.setDate(date.getDate() + 1);
  return timeOn(dayOf(date), clock);
}

/** By the local calendar: Swedish writes it as 2026-11-20. */
function dayOf(date: Date): string {
  return date.toLocaleDateString('sv-SE');
}

function durationOf(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    return NaN;
  }
}
