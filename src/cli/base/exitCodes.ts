import { BgJobsError, type ErrorCode } from '../../api/errors.ts';

/** Exit codes of `bgjobs`. Other programs rely on these numbers. */
export const exitCodes = {
  done: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  wrongState: 4,
  hostUnreachable: 5,
  refused: 6,
  waitTimedOut: 124,
  /** The reader of our output has exited: what a shell reports for a program ended by SIGPIPE. */
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
