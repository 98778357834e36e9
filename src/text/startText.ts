import type { Job } from '../api/job.ts';
import type { StartRequest } from '../api/options.ts';
import { bytes, joined, type Translate } from './grammar.ts';
import { duration } from './timeText.ts';

/** What a start asked for that is not the default, as labels and texts. Fields that are empty were not set. */
export function optionRows({ options, priority, pinned, dependsOn }: Job, t: Translate): [string, string][] {
  const { at, cron, limits, stdin } = options;
  return [
    [t('Priority'), priority === 5 ? '' : String(priority)],
    [t('Pinned'), pinned ? t('yes') : ''],
    [t('Shell'), options.shell ?? ''],
    [t('Environment'), options.env.join(', ')],
    [t('Input'), stdin === 'none' ? '' : stdin],
    [t('Time limit'), options.timeoutMs === null ? '' : duration(options.timeoutMs)],
    [t('Time limit without output'), options.idleTimeoutMs === null ? '' : duration(options.idleTimeoutMs)],
    [t('Memory limit'), limits.memoryBytes === undefined ? '' : bytes(limits.memoryBytes)],
    [t('Nice value'), limits.nice?.toString() ?? ''],
    [t('Start time'), at ?? ''],
    [t('If missed'), (at !== null || cron !== null) && options.ifMissed === 'skip' ? t('skip') : ''],
    [t('If the previous job still runs'), cron === null || options.ifOverlap === 'skip' ? '' : options.ifOverlap],
    [t('If a dependency fails'), dependsOn.length > 0 && options.ifDependencyFails === 'wait' ? t('keep waiting') : ''],
    [t('Mutex'), options.mutex ?? ''],
    [t('Retry'), options.retry ? retryText(options.retry, t) : ''],
    [t('Restart'), options.restart ? restartText(options.restart, t) : ''],
    [t('Output streams'), options.capture === 'merged' ? t('merged into one log') : ''],
    [t('Remaining processes'), options.leftovers === 'kill' ? t('killed when the main process exits') : ''],
    [t('Idempotency key'), options.idempotencyKey ?? ''],
    [t('Started by'), options.actor === 'user' ? '' : t('an agent')],
  ];
}

export function scheduleText({ cron, timeZone }: { cron: string | null; timeZone: string | null }): string {
  return cron === null ? '' : `${cron}${timeZone === null ? '' : ` (${timeZone})`}`;
}

/** As a job has them, or as a start asks for them: what it leaves out has its default. */
type Retry = NonNullable<StartRequest['retry']>;
type Restart = NonNullable<StartRequest['restart']>;

/** For example `up to 5 attempts on exit code 75, delay 10s × 2` */
export function retryText({ maxAttempts, exitCodes, ...backoff }: Retry, t: Translate): string {
  const attempts = t('up to {0} attempts', maxAttempts);
  const codes = exitCodes ? t('on exit code {0}', exitCodes.join(', ')) : '';
  return joined(codes === '' ? attempts : `${attempts} ${codes}`, delayText(backoff, t));
}

/** For example `on failure, up to 5 times in 1m, delay 1s × 2` */
export function restartText({ policy, maxRestarts = 5, windowMs = 60_000, ...backoff }: Restart, t: Translate): string {
  if (policy === 'never') return t('never');
  return joined(
    policy === 'always' ? t('whenever it ends') : t('on failure'),
    t('up to {0} times in {1}', maxRestarts, duration(windowMs)),
    delayText(backoff, t),
  );
}

function delayText({ delayMs, backoffFactor = 1 }: Omit<Retry, 'maxAttempts'>, t: Translate): string {
  if (delayMs === undefined) return '';
  const delay = t('delay {0}', duration(delayMs));
  return backoffFactor === 1 ? delay : `${delay} × ${backoffFactor}`;
}
