import prettyMilliseconds from 'pretty-ms';
import type { Job } from '../api/job.ts';

/** `340ms`, `12s`, `5m 3s`, `2d 4h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  return prettyMilliseconds(ms, { unitCount: 2, secondsDecimalDigits: ms < 10_000 ? 1 : 0 });
}

/** `5m ago` */
export function ago(time: string, now: number): string {
  const passed = Math.max(0, now - Date.parse(time));
  return passed < 1000 ? 'now' : `${prettyMilliseconds(passed, { compact: true })} ago`;
}

/** How a time to come is told, for example `at 2026-11-20T17:30:00.000Z`. */
export type TellTime = (time: string) => string;

/** For agents and programs. */
export const atTime: TellTime = (time) => `at ${time}`;

/** For people, by their own clock: `in 4m 10s (17:30:00)`, or with the day when it is another one. */
export function fromNow(now: number): TellTime {
  return (time) => {
    const at = Date.parse(time);
    // Swedish writes a time as 2026-11-20 17:30:00.
    const [day, clock] = new Date(at).toLocaleString('sv-SE').split(' ');
    const [today] = new Date(now).toLocaleString('sv-SE').split(' ');
    return `${at > now ? `in ${duration(at - now)}` : 'now'} (${day === today ? clock : `${day} ${clock}`})`;
  };
}

/** How long the current run lasts or lasted; null when there is none. */
export function elapsed(job: Pick<Job, 'startedAt' | 'durationMs'>, now: number): number | null {
  if (job.durationMs !== null) return job.durationMs;
  return job.startedAt === null ? null : Math.max(0, now - Date.parse(job.startedAt));
}
