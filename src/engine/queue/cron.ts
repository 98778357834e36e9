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
  const pattern = new Cron(cron, {
    paused: true,
    mode: '5-or-6-parts',
    ...(timeZone !== undefined && { timezone: timeZone }),
  });
  return pattern.nextRun(new Date(after))?.getTime() ?? null;
}

/** @throws BgJobsError `invalid_request` that says what is wrong */
export function checkCron(cron: string, timeZone: string | undefined, now: number): void {
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw new BgJobsError(
      'invalid_request',
      `timeZone: "${timeZone}" is unknown. Use a name such as Europe/Berlin or UTC.`,
    );
  }
  const fields = cron.trim().split(/\s+/).length;
  if (!cron.startsWith('@') && fields !== 5 && fields !== 6) {
    throw notASchedule(cron, 'it needs five fields, or six with seconds first');
  }
  try {
    if (nextTime(cron, timeZone, now) !== null) return;
  } catch (error) {
    const problem = (error as Error).message.replace(/^\w+: |\.$/g, '');
    throw notASchedule(cron, problem);
  }
  throw new BgJobsError('invalid_request', `cron: "${cron}" matches no date.`);
}

function notASchedule(cron: string, problem: string): BgJobsError {
  return new BgJobsError(
    'invalid_request',
    `cron: "${cron}" is not a schedule: ${problem}. Write it like "30 4 * * 1-5".`,
  );
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
