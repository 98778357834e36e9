import type * as Cron from '../../engine/queue/cron.ts';
import { cronBundle } from '../../bundles.ts';

/**
 * The next times of a pattern as the host reads it, in milliseconds since the epoch.
 * @throws BgJobsError `invalid_request` that says what is wrong with it
 */
export async function nextTimes(cron: string, now: number, count: number): Promise<number[]> {
  const { checkCron, nextTime } = (await import(cronBundle)) as typeof Cron;
  checkCron(cron, undefined, now);
  const times: number[] = [];
  for (let after: number | null = now; times.length < count; times.push(after)) {
    after = nextTime(cron, undefined, after);
    if (after === null) break;
  }
  return times;
}
