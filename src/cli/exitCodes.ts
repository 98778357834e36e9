import { constants } from 'node:os';
import { BgJobsError } from '../protocol/errors.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import type { Job } from '../protocol/job.ts';

/** What the process ends with. Other programs rely on these numbers. */
export const exitCodes = {
  done: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  wrongState: 4,
  hostUnreachable: 5,
  refused: 6,
  waitTimedOut: 124,
  /** Whoever read our output has gone: what a shell shows for a program that SIGPIPE ended. */
  brokenPipe: 141,
} as const;

const ofError: Record<ErrorCode, number> = {
  invalid_request: exitCodes.usage,
  unknown_signal: exitCodes.usage,
  cwd_not_found: exitCodes.usage,
  payload_too_large: exitCodes.usage,
  job_not_found: exitCodes.notFound,
  run_not_found: exitCodes.notFound,
  route_not_found: exitCodes.notFound,
  invalid_state: exitCodes.wrongState,
  job_already_ended: exitCodes.wrongState,
  run_superseded: exitCodes.wrongState,
  unauthorized: exitCodes.hostUnreachable,
  host_stopping: exitCodes.hostUnreachable,
  host_unreachable: exitCodes.hostUnreachable,
  policy_denied: exitCodes.refused,
  forbidden_origin: exitCodes.refused,
  limit_reached: exitCodes.refused,
  disk_full: exitCodes.failure,
  internal: exitCodes.failure,
};

export function exitCodeOfError(error: unknown): number {
  return error instanceof BgJobsError ? ofError[error.code] : exitCodes.failure;
}

/** What a shell shows for a program that this signal ended: 128 and the signal's number. */
export function exitCodeOfSignal(signal: string): number {
  const number = (constants.signals as Partial<Record<string, number>>)[signal];
  return number === undefined ? exitCodes.failure : 128 + number;
}

/**
 * The code that `run --wait` ends with: the command's own; 128 and the signal's number; for a command that could not be
 * started 127 (not found) or 126, as shells do. A run that was stopped is no success, even when it left with code 0.
 */
export function exitCodeOfRun(run: Pick<Job, 'status' | 'exitCode' | 'signal' | 'error'>): number {
  if (run.error) return run.error.code === 'command_not_found' ? 127 : 126;
  if (run.signal !== null) return exitCodeOfSignal(run.signal);
  if (run.exitCode === null || (run.exitCode === 0 && run.status !== 'completed')) return exitCodes.failure;
  return run.exitCode;
}
