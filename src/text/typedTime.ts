const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `1h30m`, `500ms`, `2d`, or a plain number of seconds. @returns milliseconds; undefined for anything else */
export function readDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    total += Number(amount) * (unitMs[unit] ?? 0);
  }
  return Math.round(total);
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

/** In local time if no zone is given; a time that summer time skips is one hour later. NaN for no valid time. */
function timeOn(day: string, clock: string, zone = ''): number {
  const exists = new Date(Date.parse(`${day}T00:00:00Z`) || 0).toISOString().startsWith(day);
  return exists ? Date.parse(`${day}T${clock.replace(/^(\d):/, '0$1:')}${zone}`) : NaN;
}

/** Today, or tomorrow if that is in the past. */
function next(clock: string, now: number): number {
  const date = new Date(now);
  const today = timeOn(dayOf(date), clock);
  if (!(today <= now)) return today;
  date.setDate(date.getDate() + 1);
  return timeOn(dayOf(date), clock);
}

/** The local date. Swedish writes it as 2026-11-20. */
function dayOf(date: Date): string {
  return date.toLocaleDateString('sv-SE');
}
