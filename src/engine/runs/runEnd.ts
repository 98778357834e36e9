import type { Actor, RestartOption, RetryOption } from '../../api/options.ts';
import type { EndReason, RunStatus } from '../../api/values.ts';
import {
  streamSizes,
  type AfterRun,
  type End,
  type RunEnd,
  type RunRow,
  type StopRecord,
} from '../../store/runTable.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import { StartFailure } from '../launch/command.ts';
import type { ExitStatus } from '../launch/supervisor.ts';
import type { OutputTracker } from '../output/outputTracker.ts';

/** Records how a run ended, what its hooks have found, and where its job goes from there: all in one transaction. */
export function recordEnd(
  { store, tracker }: { store: Store; tracker: OutputTracker },
  job: JobRow,
  run: RunRow,
  end: End,
): void {
  tracker.finish(run.row);
  const { stdout, stderr } = streamSizes(store.chunks.last(run.row));
  const { retry, restart } = job.spec;
  const runs = retry || restart ? store.runs.ofJob(job.row) : [];
  const next = run.stop?.next ?? afterRun(job, runs, end, Math.random);
  store.endRun(job, run, { ...end, stdoutBytes: stdout, stderrBytes: stderr }, next === 'ended' ? null : next);
}

/** Only what `exit` tells is known. */
function endOf(status: RunStatus, exit: ExitStatus | null, now: number): End {
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

/**
 * How a run ended that was not being killed.
 * @param delivered who had which signals delivered to it
 */
export function naturalEnd(delivered: ReadonlyMap<string, Actor>, exit: ExitStatus | null, now: number): End {
  if (!exit) return { ...endOf('lost', null, now), reason: 'supervisor_lost' };
  const { exitCode, signal } = exit;
  if (signal === null) return { ...endOf(exitCode === 0 ? 'completed' : 'failed', exit, now), reason: 'exit' };
  const sentBy = delivered.get(signal);
  return sentBy
    ? { ...endOf('killed', exit, now), reason: sentBy }
    : { ...endOf('failed', exit, now), reason: 'signal' };
}

/** How a run ended that could not be started. */
export function failureEnd(error: unknown, now: number): End {
  const errorCode = error instanceof StartFailure ? error.code : 'spawn_failed';
  const errorMessage = error instanceof Error ? error.message : String(error);
  return { ...endOf('failed', null, now), reason: 'spawn_error', errorCode, errorMessage };
}

/** Reasons that are limits of the job. */
const limits: ReadonlySet<EndReason> = new Set(['timeout', 'idle_timeout', 'not_ready', 'out_of_memory']);

/** How a run ended that was killed by a request or by a limit of its own. */
export function killedEnd({ reason, reasonText }: StopRecord, exit: ExitStatus, now: number): End {
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
  if (!exitCodes) return hasFailed(end);
  return end.status === 'failed' && end.exitCode !== null && exitCodes.includes(end.exitCode);
}

function mayRestart({ policy }: RestartOption, end: Outcome): boolean {
  if (policy === 'never') return false;
  return hasFailed(end) || (policy === 'always' && end.status === 'completed');
}

/** Killed and lost runs have not failed. A command that cannot be found will not be found the next time either. */
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
