/** Every expected failure: its stable code, its HTTP status, and whether trying again may help. */
export const errorCodes = {
  invalid_request: { status: 400, retryable: false },
  unknown_signal: { status: 400, retryable: false },
  cwd_not_found: { status: 400, retryable: false },
  unauthorized: { status: 401, retryable: false },
  policy_denied: { status: 403, retryable: false },
  forbidden_origin: { status: 403, retryable: false },
  job_not_found: { status: 404, retryable: false },
  run_not_found: { status: 404, retryable: false },
  hook_not_found: { status: 404, retryable: false },
  route_not_found: { status: 404, retryable: false },
  invalid_state: { status: 409, retryable: false },
  job_already_ended: { status: 409, retryable: false },
  run_superseded: { status: 409, retryable: false },
  payload_too_large: { status: 413, retryable: false },
  limit_reached: { status: 429, retryable: true },
  quota_exceeded: { status: 429, retryable: true },
  internal: { status: 500, retryable: false },
  host_stopping: { status: 503, retryable: true },
  host_unreachable: { status: 503, retryable: true },
  disk_full: { status: 507, retryable: true },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** The body of every failed request, and what `--json` prints on failure. */
export interface ErrorBody {
  error: { code: ErrorCode; message: string; details: Record<string, unknown> | null; retryable: boolean };
}

/** An expected failure: bad input, an unknown id, a wrong state. A bug is a plain Error. */
export class BgJobsError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | null;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> | null = null) {
    super(message);
    this.name = 'BgJobsError';
    this.code = code;
    this.details = details;
  }

  /** Errors from other bundles, which have their own copy of this class, count too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'BgJobsError';
  }

  get httpStatus(): number {
    return errorCodes[this.code].status;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }

  toBody(): ErrorBody {
    return { error: { code: this.code, message: this.message, details: this.details, retryable: this.retryable } };
  }

  /** @returns undefined when it is not the body of a failure, or has an unknown code */
  static fromBody(body: unknown): BgJobsError | undefined {
    const { code, message, details } = recordOf(recordOf(body)['error']);
    if (typeof code !== 'string' || !Object.hasOwn(errorCodes, code) || typeof message !== 'string') return undefined;
    return new BgJobsError(code as ErrorCode, message, details === null ? null : recordOf(details));
  }
}

/**
 * @param shortage why there is no room, as half a sentence
 * @param advice what helps, as half a sentence
 */
export function diskFull(
  shortage = 'the disk that holds the jobs is full',
  advice = 'Free some space, for example by cleaning up finished jobs',
): BgJobsError {
  const reason = shortage.slice(0, 1).toUpperCase() + shortage.slice(1);
  return new BgJobsError('disk_full', `${reason}. ${advice}, and try again.`);
}

/** Why a run never started: the `error.code` of a `failed` job. */
export const startErrorCodes = [
  'command_not_found',
  'permission_denied',
  'cwd_not_found',
  'secret_missing',
  'too_many_processes',
  'argument_list_too_long',
  'spawn_failed',
  'submission_refused',
] as const;
export type StartErrorCode = (typeof startErrorCodes)[number];

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
