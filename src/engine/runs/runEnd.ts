import type { EndReason, RunStatus } from '../../api/values.ts';
import type { LiveRun } from './liveRun.ts';
import type { ExitStatus } from '../launch/runner.ts';
import type { RunEnd, StopRecord, AfterRun, RunRow } from '../../store/runTable.ts';
import type { RestartOption, RetryOption } from '../../api/options.ts';
import type { JobRow } from '../../store/jobTable.ts';

/** How a run ended, without what it has written. */
export type End = Omit<RunEnd, 'stdoutBytes' | 'stderrBytes'>;

/** An end without a cause yet: nothing known but what `exit` tells. */
export function endOf(status: RunStatus, exit: ExitStatus | null, now: number): End {
  return {
    status,
    exitCode: exit?.exitCode ?? null,
    signal: exit?.signal ?? null,
    reason: null,
    reasonText: null,
    errorCode: null,
    errorMessage: null,
    finishedAt: exit?.at ?? now,
  };
}

/** How a run ended that nobody was stopping. */
export function naturalEnd(live: Pick<LiveRun, 'delivered'>, exit: ExitStatus | null, now: number): End {
  if (!exit) return { ...endOf('lost', null, now), reason: 'supervisor_lost' };
  if (exit.signal === null)
    return { ...endOf(exit.exitCode === 0 ? 'completed' : 'failed', exit, now), reason: 'exit' };
  const sentBy = live.delivered.get(exit.signal);
  if (sentBy) return { ...endOf('killed', exit, now), reason: sentBy };
  return { ...endOf('failed', exit, now), reason: 'signal' };
}

/** Limits of the job, of which one has ended the run. */
const limits: ReadonlySet<EndReason> = new Set(['timeout', 'idle_timeout', 'not_ready', 'out_of_memory']);

/** How a run ended that somebody, or a limit of its own, has stopped. */
export function askedEnd({ reason, reasonText }: StopRecord, exit: ExitStatus, now: number): End {
  return { ...endOf(limits.has(reason) ? 'timed_out' : 'killed', exit, now), reason, reasonText };
}

type Outcome = Pick<RunEnd, 'status' | 'exitCode' | 'errorCode' | 'finishedAt'>;
type Backoff = Pick<RetryOption, 'delayMs' | 'backoffFactor' | 'maxDelayMs' | 'jitter'>;

/**
 * What comes after a run that ended by itself or by a limit of its own.
 * @param runs of the job, oldest first, this one included
 * @param random from 0 to 1, 1 excluded
 */
export function afterRun(
  job: Pick<JobRow, 'spec' | 'series'>,
  runs: readonly Pick<RunRow, 'number' | 'startedAt'>[],
  end: Outcome,
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

function mayRetry({ exitCodes }: RetryOption, end: Outcome): boolean {
  if (exitCodes) return end.status === 'failed' && end.exitCode !== null && exitCodes.includes(end.exitCode);
  return hasFailed(end);
}

function mayRestart({ policy }: RestartOption, end: Outcome): boolean {
  if (policy === 'never') return false;
  return hasFailed(end) || (policy === 'always' && end.status === 'completed');
}

/** Not: killed or lost. A command that cannot be started at all will not be found the next time either. */
function hasFailed({ status, errorCode }: Outcome): boolean {
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
