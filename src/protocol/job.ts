import * as z from 'zod';
import { startErrorCode } from './errors.ts';
import { actor } from './start.ts';
import { endReason, jobStatus, runStatus } from './states.ts';
import { time } from './time.ts';

export const jobId = z.uuid();

const exitFields = {
  exitCode: z.int().nullable().meta({ description: 'Null when a signal ended it, or when it is not known' }),
  signal: z.string().nullable().meta({ description: 'The signal that ended it, for example SIGTERM' }),
  reason: endReason.nullable().meta({ description: 'Who or what ended it' }),
  reasonText: z.string().nullable().meta({ description: 'What the one who stopped it said about it' }),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  durationMs: z.number().nullable().meta({ description: 'Null while it is under way' }),
};

export const startError = z.object({ code: startErrorCode, message: z.string() });
export type StartError = z.infer<typeof startError>;

export const processInfo = z
  .object({ pid: z.int(), command: z.string() })
  .meta({ description: "A process of the job's tree" });
export type ProcessInfo = z.infer<typeof processInfo>;

export const run = z.object({
  runId: z.string().meta({ description: "The job's id, a dot, and the number" }),
  number: z.int().meta({ description: 'From 1 on' }),
  status: runStatus,
  pid: z.int().nullable().meta({ description: "The command's own process, not its supervisor's" }),
  ...exitFields,
  error: startError.nullable().meta({ description: 'Why it never started' }),
  stdoutBytes: z.int().meta({ description: 'Written so far, what maxLogBytes has dropped included' }),
  stderrBytes: z.int().meta({ description: 'Written so far, what maxLogBytes has dropped included' }),
  droppedBytes: z.int().meta({ description: 'Dropped by maxLogBytes, of both streams' }),
  logs: z
    .object({ stdout: z.string(), stderr: z.string().nullable() })
    .meta({ description: "Absolute paths of the log files. With capture merged both streams are in stdout's" }),
  leftovers: z.array(processInfo).meta({ description: 'What is alive although the main process has ended' }),
});
export type Run = z.infer<typeof run>;

/** Why a pending job is not started yet. */
export const waitingFor = z.object({ type: z.literal('limit'), scope: z.enum(['host', 'session']), maximum: z.int() });
export type WaitingFor = z.infer<typeof waitingFor>;

export const job = z.object({
  id: jobId,
  shortId: z.string().meta({ description: 'The first eight characters of the id; any unique prefix is accepted' }),
  name: z.string().nullable(),
  session: z.string().meta({ description: 'The group the job belongs to, for lists and limits' }),
  tags: z.record(z.string(), z.string()),
  command: z.string().nullable().meta({ description: 'The shell line; null when argv is given' }),
  argv: z.array(z.string()).nullable().meta({ description: 'Program and arguments; null when command is given' }),
  cwd: z.string(),
  priority: z.int().meta({ description: '1 to 10, higher starts first' }),
  status: jobStatus,
  waitingFor: waitingFor.nullable(),
  pid: z.int().nullable().meta({ description: "The command's own process, not its supervisor's" }),
  ...exitFields,
  error: startError.nullable().meta({ description: 'Why it never started' }),
  ready: z.boolean().nullable(),
  pinned: z.boolean().meta({ description: 'Never cleaned up' }),
  createdAt: time,
  run: z.int().nullable().meta({ description: 'The number of the current run; null before the first' }),
  runs: z.array(run),
  leftovers: z.array(processInfo).meta({ description: 'What is alive although the main process has ended' }),
  options: z.object({
    shell: z.string().nullable(),
    env: z.array(z.string()).meta({ description: 'Names alone: values are not shown' }),
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
  status: z
    .string()
    .optional()
    .meta({ description: 'Statuses, or the groups running, waiting and finished, separated by commas' }),
  session: z.string().optional().meta({ description: 'Only this session' }),
  tag: z.string().optional().meta({ description: 'key=value, or key for any value' }),
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'Jobs on a page' }),
  cursor: z.string().optional().meta({ description: '`cursor` of an earlier answer, for the next page' }),
});
export type ListQuery = z.input<typeof listQuery>;

export const jobList = z.object({
  jobs: z.array(job).meta({ description: 'Newest first' }),
  total: z.int().meta({ description: 'Of all that match, not only of this page' }),
  cursor: z.string().nullable().meta({ description: 'For the next page; null on the last' }),
});
export type JobList = z.infer<typeof jobList>;

export const jobUpdate = z.strictObject({ pinned: z.boolean() });
export type JobUpdate = z.infer<typeof jobUpdate>;
