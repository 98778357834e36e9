import type { StartRequest } from '../../api/start.ts';
import { type Translate } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';
import { codeLines } from '../base/markdown.ts';

/** What of a start decides when, after what and how often it runs: what is confirmed once may run many times. */
export function scheduleLines(what: StartRequest, t: Translate): string[] {
  return [time(what, t), repeating(what, t), dependencies(what, t)].filter((line) => line !== '');
}

function time({ at, cron, timeZone }: StartRequest, t: Translate): string {
  if (cron !== undefined) {
    const times = codeLines(timeZone === undefined ? cron : `${cron} (${timeZone})`);
    return t('**Again and again, until somebody ends it**, at the times of {0}', times);
  }
  return at === undefined ? '' : t('**Not now**, but at {0}', codeLines(at));
}

function repeating({ retry, restart }: StartRequest, t: Translate): string {
  if (retry) return t('After a failure it is tried again: at most {0} attempts.', retry.maxAttempts);
  if (!restart || restart.policy === 'never') return '';
  const { maxRestarts = 5, windowMs = 60_000 } = restart;
  return restart.policy === 'always'
    ? t('**It is started again whenever it ends**, at most {0} times in {1}.', maxRestarts, duration(windowMs))
    : t('**It is started again whenever it fails**, at most {0} times in {1}.', maxRestarts, duration(windowMs));
}

function dependencies({ dependsOn = [] }: StartRequest, t: Translate): string {
  if (dependsOn.length === 0) return '';
  const jobs = dependsOn.map(({ job, condition = 'succeeded' }) => `${job} (${condition})`);
  return t('After these jobs: {0}', codeLines(jobs.join(', ')));
}
