import * as z from 'zod';
import { startErrorCode } from './errors.ts';
import { actor } from './start.ts';
import { endReason, jobStatus, runStatus } from './states.ts';
import { time } from './time.ts';

export const jobId = z.uuid();

const exitFields = {
  /** Null when a signal ended it, or when it is not known. */
  exitCode: z.int().nullable(),
  /** The signal that ended it, for example `SIGTERM`. */
  signal: z.string().nullable(),
  reason: endReason.nullable(),
  /** What the one who stopped it said about it. */
  reasonText: z.string().nullable(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  /** Milliseconds; of a run that is under way: null. */
  durationMs: z.number().nullable(),
};

export const startError = z.object({ code: startErrorCode, message: z.string() });
export type StartError = z.infer<typeof startError>;

/** A process of the job's tree that is alive although its main process has ended, or that could not be ended. */
export const processInfo = z.object({ pid: z.int(), command: z.string() });
export type ProcessInfo = z.infer<typeof processInfo>;

export const run = z.object({
  runId: z.string(),
  number: z.int(),
  status: runStatus,
  /** The command's own process, not its supervisor's. */
  pid: z.int().nullable(),
  ...exitFields,
  error: startError.nullable(),
  /** Bytes written so far, those dropped by maxLogBytes included. */
  stdoutBytes: z.int(),
  stderrBytes: z.int(),
  droppedBytes: z.int(),
  /** Absolute paths. With `capture: merged` both streams are in stdout's. */
  logs: z.object({ stdout: z.string(), stderr: z.string().nullable() }),
  leftovers: z.array(processInfo),
});
export type Run = z.infer<typeof run>;

/** Why a pending job is not started yet. */
export const waitingFor = z.object({ type: z.literal('limit'), scope: z.enum(['host', 'session']), maximum: z.int() });
export type WaitingFor = z.infer<typeof waitingFor>;

export const job = z.object({
  id: jobId,
  /** The first eight characters; any unique prefix is accepted. */
  shortId: z.string(),
  name: z.string().nullable(),
  session: z.string(),
  tags: z.record(z.string(), z.string()),
  command: z.string().nullable(),
  argv: z.array(z.string()).nullable(),
  cwd: z.string(),
  priority: z.int(),
  status: jobStatus,
  waitingFor: waitingFor.nullable(),
  pid: z.int().nullable(),
  ...exitFields,
  error: startError.nullable(),
  ready: z.boolean().nullable(),
  pinned: z.boolean(),
  createdAt: time,
  /** The number of the current run; null before the first. */
  run: z.int().nullable(),
  runs: z.array(run),
  leftovers: z.array(processInfo),
  options: z.object({
    shell: z.string().nullable(),
    /** Names alone: values are not shown. */
    env: z.array(z.string()),
    timeoutMs: z.int().nullable(),
    idleTimeoutMs: z.int().nullable(),
    graceMs: z.int(),
    stdin: z.enum(['none', 'text', 'file', 'pipe']),
    capture: z.enum(['separate', 'merged']),
    maxLogBytes: z.int(),
    leftovers: z.enum(['keep', 'kill']),
    idempotencyKey: z.string().nullable(),
    actor,
  }),
});
/** A job as every surface shows it. What is not known is null, never absent. The fields of the run are the current run's. */
export type Job = z.infer<typeof job>;

export const listQuery = z.strictObject({
  /** One or more statuses; `running`, `waiting` and `finished` stand for the groups of the tree. */
  status: z.string().optional(),
  session: z.string().optional(),
  /** `key=value`, or `key` for any value. */
  tag: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
});
export type ListQuery = z.input<typeof listQuery>;

export const jobList = z.object({
  /** Newest first. */
  jobs: z.array(job),
  /** Of all that match, not only of this page. */
  total: z.int(),
  /** For the next page; null on the last. */
  cursor: z.string().nullable(),
});
export type JobList = z.infer<typeof jobList>;

export const jobUpdate = z.strictObject({ pinned: z.boolean() });
export type JobUpdate = z.infer<typeof jobUpdate>;
