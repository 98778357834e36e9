import { rmSync } from 'node:fs';
import { BgJobsError } from '../../api/errors.ts';
import type { Actor, RestartOption, RetryOption } from '../../api/options.ts';
import type { EndReason, RunStatus } from '../../api/values.ts';
import type { KillOutcome } from '../../processes/killTree.ts';
import type { ProcessTable } from '../../processes/runTree.ts';
import { streamSizes } from '../../store/chunkIndex.ts';
import { beganBefore, startedBy } from '../../store/clock.ts';
import {
  runFolder,
  runIdOf,
  type AfterRun,
  type End,
  type RunEnd,
  type RunRow,
  type StopRecord,
} from '../../store/runTable.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import { StartFailure } from '../launch/command.ts';
import type { RunExit, RunningProcess } from '../launch/runControl.ts';
import type { ExitStatus } from '../launch/supervisor.ts';
import type { OutputTracker } from '../output/outputTracker.ts';

/** Records how a run ended, what its hooks have found, and where its job goes from there: all in one transaction. */
export function recordEnd(
  { store, tracker, now }: { store: Store; tracker: OutputTracker; now: () => number },
  job: JobRow,
  run: RunRow,
  found: End,
): void {
  tracker.finish(run.row);
  const startedAt = startedBy({ startedAt: run.startedAt, moment: run.supervisor }, found.finishedAt, now());
  // The time of the exit record comes from a coarser clock.
  const end = { ...found, startedAt, finishedAt: Math.max(startedAt, found.finishedAt) };
  const { stdout, stderr } = streamSizes(store.chunks.last(run.row));
  const { retry, restart } = job.spec;
  const runs = (retry || restart ? store.runs.ofJob(job.row) : []).map(({ number, startedAt, supervisor }) => {
    return { number, ageMs: beganBefore({ startedAt, moment: supervisor }, found.finishedAt, now()) };
  });
  // By the clock as it was set at the end: since the start it may have been set back, and since the end as well.
  const outcome = { ...found, finishedAt: Math.min(found.finishedAt, now()) };
  const next = run.stop?.next ?? afterRun(job, runs, outcome, Math.random);
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
export function naturalEnd(delivered: ReadonlyMap<string, Actor>, exit: RunExit | null, now: number): End {
  if (exit?.why) return { ...endOf(exit.why.status, exit, now), ...exit.why };
  if (!exit) return { ...endOf('lost', null, now), reason: 'supervisor_lost' };
  const { exitCode, signal } = exit;
  if (signal === null) return { ...endOf(exitCode === 0 ? 'completed' : 'failed', exit, now), reason: 'exit' };
  const sentBy = delivered.get(signal);
  return sentBy
    ? { ...endOf('killed', exit, now), reason: sentBy }
    : { ...endOf('failed', exit, now), reason: 'signal' };
}

/** How a run ended that could not be started. */
function failureEnd(error: unknown, now: number): End {
  const errorCode = error instanceof StartFailure ? error.code : 'spawn_failed';
  const errorMessage = error instanceof Error ? error.message : String(error);
  return { ...endOf('failed', null, now), reason: 'spawn_error', errorCode, errorMessage };
}

/** Reasons that are limits of the job. */
const limits: ReadonlySet<EndReason> = new Set(['timeout', 'idle_timeout', 'not_ready', 'out_of_memory', 'log_full']);

/** How a run ended that was killed by a request or by a limit of its own. */
export function killedEnd({ reason, reasonText }: StopRecord, exit: ExitStatus, now: number): End {
  return { ...endOf(limits.has(reason) ? 'timed_out' : 'killed', exit, now), reason, reasonText };
}

/** How a run ended that is proven dead, or, where that cannot be proven, that it is lost. */
export function endOfKill({ request, outcome, exit, table, now }: KillEnd): End {
  if (exit?.why?.status === 'lost') return naturalEnd(new Map(), exit, now);
  // Without a record the supervisor was killed together with the tree, by the last signal that was sent.
  const known = exit ?? { exitCode: null, signal: outcome.escalated ? 'SIGKILL' : request.signal };
  const survivors = outcome.survivors.flatMap(({ pid, command }) => {
    const identity = table.identify(pid);
    return identity ? [{ ...identity, command }] : [];
  });
  const end = killedEnd(request, { ...known, at: now }, now);
  return survivors.length > 0 ? { ...end, leftovers: survivors } : end;
}

interface KillEnd {
  request: StopRecord;
  outcome: KillOutcome;
  exit: RunExit | null;
  table: Pick<ProcessTable, 'identify'>;
  now: number;
}

type Outcome = Pick<RunEnd, 'status' | 'exitCode' | 'errorCode' | 'finishedAt'> & Partial<Pick<RunEnd, 'reason'>>;
type Backoff = Pick<RetryOption, 'delayMs' | 'backoffFactor' | 'maxDelayMs' | 'jitter'>;

interface Attempt {
  number: number;
  /** How long before this end it began (milliseconds). */
  ageMs: number;
}

/**
 * What comes after a run that ended by itself or by a limit of its own.
 * @param runs of the job, oldest first, this one included
 * @param random from 0 to 1, 1 excluded
 */
export function afterRun(
  job: Pick<JobRow, 'spec' | 'series'>,
  runs: readonly Attempt[],
  end: Outcome,
  random: () => number,
): AfterRun {
  const { retry, restart, afterReboot } = job.spec;
  // Of nothing else it is certain that no process of the lost run is left.
  if (end.reason === 'reboot' && end.status === 'lost')
    return afterReboot === 'restart' ? { dueAt: end.finishedAt } : null;
  const attempts = runs.filter(({ number }) => number > job.series);
  if (retry && mayRetry(retry, end)) {
    if (attempts.length >= retry.maxAttempts) return 'gaveUp';
    return { dueAt: end.finishedAt + delayOf(retry, attempts.length - 1, random) };
  }
  if (restart && mayRestart(restart, end)) {
    const restarts = attempts.slice(1).filter(({ ageMs }) => ageMs < restart.windowMs).length;
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

/** The answer to whoever waits for a kill that this host cannot finish. */
export function hostStopping(): BgJobsError {
  return new BgJobsError('host_stopping', 'The job host is stopping. The next host continues to kill the job.');
}

interface LaunchDeps {
  store: Store;
  tracker: OutputTracker;
  slots: { freed(job: JobRow): void; requeued(job: JobRow): void };
  live: Map<string, unknown>;
  home: string;
  now: () => number;
  log: (message: string) => void;
  record: (runId: string, write: () => void) => void;
}

/** Nothing may run that is not in the store. */
export function killUnrecorded(
  { live, log }: Pick<LaunchDeps, 'live' | 'log'>,
  jobId: string,
  process: RunningProcess,
): void {
  live.delete(jobId);
  process.dispose();
  process.stop({ signal: 'SIGKILL', graceMs: 0 }).catch((error: unknown) => log(String(error)));
}

export function failToStart(
  { store, tracker, slots, now, log, record }: Omit<LaunchDeps, 'live' | 'home'>,
  job: JobRow,
  run: RunRow,
  error: unknown,
): void {
  const runId = runIdOf(job.id, run.number);
  if (!(error instanceof StartFailure)) log(`Run ${runId} could not be started: ${String(error)}`);
  record(runId, () => {
    recordEnd({ store, tracker, now }, job, run, failureEnd(error, now()));
    slots.requeued(job);
    slots.freed(job);
  });
}

/** A run that has never begun, and so never was: its job waits again. */
export function withdraw(
  { store, home, live, slots }: Pick<LaunchDeps, 'store' | 'home' | 'live' | 'slots'>,
  job: JobRow,
  run: RunRow,
): void {
  store.withdrawRun(job, run);
  rmSync(runFolder(home, job.id, run.number), { recursive: true, force: true });
  live.delete(job.id);
  slots.requeued(job);
  slots.freed(job);
}
