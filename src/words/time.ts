import prettyMilliseconds from 'pretty-ms';
import type { Job } from '../protocol/job.ts';

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

/** How long the current run lasts or lasted; null when there is none. */
export function elapsed(job: Pick<Job, 'startedAt' | 'durationMs'>, now: number): number | null {
  if (job.durationMs !== null) return job.durationMs;
  return job.startedAt === null ? null : Math.max(0, now - Date.parse(job.startedAt));
}
