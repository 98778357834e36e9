import { Cron } from 'croner';
import { BgJobsError } from '../../api/errors.ts';

/** Later than this counts as missed: the machine slept, or no host was running. */
const missedAfterMs = 60_000;

/**
 * The first time after `after` (milliseconds since the epoch); null if there is none. In local time of the time zone: a
 * time that daylight saving time skips comes when the clock has been moved forward, one that occurs twice comes only the
 * first time; intervals of minutes or hours continue at their pace.
 */
export function nextTime(cron: string, timeZone: string | undefined, after: number): number | null {
  const zone = timeZone === undefined ? {} : { timezone: timeZone };
  const pattern = new Cron(cron, { paused: true, mode: '5-or-6-parts', ...zone });
  return pattern.nextRun(new Date(after))?.getTime() ?? null;
}

/** The fields with what they take, in their order. Seconds may be left out. */
const fieldNames: readonly (readonly [name: string, values: string])[] = [
  ['second', '0 to 59'],
  ['minute', '0 to 59'],
  ['hour', '0 to 23'],
  ['day of the month', '1 to 31, or L for the last'],
  ['month', '1 to 12, or jan to dec'],
  ['day of the week', '0 to 7, or sun to sat'],
];

/** @throws BgJobsError `invalid_request` that says what is wrong */
export function checkCron(cron: string, timeZone: string | undefined, now: number): void {
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const text = `timeZone: "${timeZone}" is unknown. Use a name such as Europe/Berlin or UTC.`;
    throw new BgJobsError('invalid_request', text);
  }
  const problem = problemOf(cron.trim(), timeZone, now);
  if (problem !== undefined) throw new BgJobsError('invalid_request', `cron: "${cron}" ${problem}`);
}

/** @returns the rest of a sentence that begins with the schedule; undefined for one that has a next time */
function problemOf(cron: string, timeZone: string | undefined, now: number): string | undefined {
  if (/^@reboot\b/i.test(cron)) return rebootText;
  const [, zone, times] = /^(?:CRON_)?TZ=(\S+)\s*(.*)/.exec(cron) ?? [];
  if (zone !== undefined) return `has a time zone in it. Give "${times}", and timeZone (--time-zone) ${zone}.`;
  const fields = cron.split(/\s+/);
  if (!cron.startsWith('@') && fields.length !== 5 && fields.length !== 6) {
    return notASchedule('it needs five fields, or six with seconds first');
  }
  try {
    return nextTime(cron, timeZone, now) === null ? 'matches no date.' : undefined;
  } catch (error) {
    if (cron.startsWith('@')) return notASchedule(nicknamesText);
    const names = fieldNames.slice(-fields.length);
    const wrong = names.findIndex((_, at) => !isPattern(names.map((__, other) => (other === at ? fields[at] : '*'))));
    const [name, values] = names[wrong] ?? [];
    if (name === undefined) return notASchedule((error as Error).message.replace(/^\w+: |\.$/g, ''));
    return notASchedule(`"${fields[wrong]}" is not understood as the ${name} (${values})`);
  }
}

const rebootText =
  'is not a time, and nothing starts jobs when the machine starts. Let the system do it, for example with the line ' +
  '"@reboot bgjobs run -- COMMAND" in crontab.';
const nicknamesText = 'the names are @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly';

function notASchedule(problem: string): string {
  return `is not a schedule: ${problem}. Write it like "30 4 * * 1-5".`;
}

function isPattern(fields: readonly (string | undefined)[]): boolean {
  try {
    return new Cron(fields.join(' '), { paused: true, mode: '5-or-6-parts' }).getPattern() !== undefined;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

export function isMissed(dueAt: number, now: number): boolean {
  return now - dueAt > missedAfterMs;
}
