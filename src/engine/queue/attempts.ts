import type { RestartOption, RetryOption } from '../../api/options.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { AfterRun, RunEnd, RunRow } from '../../store/runTable.ts';

type End = Pick<RunEnd, 'status' | 'exitCode' | 'errorCode' | 'finishedAt'>;
type Backoff = Pick<RetryOption, 'delayMs' | 'backoffFactor' | 'maxDelayMs' | 'jitter'>;

/**
 * What comes after a run that ended by itself or by a limit of its own.
 * @param runs of the job, oldest first, this one included
 * @param random from 0 to 1, 1 excluded
 */
export function afterRun(
  job: Pick<JobRow, 'spec' | 'series'>,
  runs: readonly Pick<RunRow, 'number' | 'startedAt'>[],
  end: End,
  random: () => number,
): AfterRun {
  const { retry, restart } = job.spec;
  const attempts = runs.filter(({ number }) => number > job.series);
  if (retry && mayRetry(retry, end)) {
    if (attempts.length >= retry.maxAttempts) return 'gaveUp';
    return { dueAt: end.finishedAt + delayOf(retry, attempts.length - 1, random) };
  }
  if (restart && mayRestart(restart, end)) {
    const since = end.finishedAt - restart.windowMs;
    const restarts = attempts.slice(1).filter(({ startedAt }) => startedAt > since).length;
    if (restarts >= restart.maxRestarts) return 'gaveUp';
    return { dueAt: end.finishedAt + delayOf(restart, restarts, random) };
  }
  return null;
}

function mayRetry({ exitCodes }: RetryOption, end: End): boolean {
  if (exitCodes) return end.status === 'failed' && end.exitCode !== null && exitCodes.includes(end.exitCode);
  return hasFailed(end);
}

function mayRestart({ policy }: RestartOption, end: End): boolean {
  if (policy === 'never') return false;
  return hasFailed(end) || (policy === 'always' && end.status === 'completed');
}

/** Not: killed or lost. A command that cannot be started at all will not be found the next time either. */
function hasFailed({ status, errorCode }: End): boolean {
  if (errorCode !== null) return errorCode === 'too_many_processes' || errorCode === 'spawn_failed';
  return status === 'failed' || status === 'timed_out';
}

/** @param before how many delays there were already */
export function delayOf(
  { delayMs, backoffFactor, maxDelayMs, jitter }: Backoff,
  before: number,
  random: () => number,
): number {
  // Infinity times no delay would be no number.
  const growth = Math.min(backoffFactor ** before, Number.MAX_VALUE);
  const whole = Math.min(maxDelayMs, delayMs * growth);
  return Math.round(whole * (1 - jitter * random()));
}
