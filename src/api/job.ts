import * as z from 'zod';
import { startErrorCodes } from './errors.ts';
import {
  actor,
  codingAgentName,
  dependency,
  dependencyCondition,
  endReason,
  jobStatus,
  priority,
  readyWhenOption,
  resourceLimits,
  restartOption,
  retryOption,
  runStatus,
  time,
} from './options.ts';
import { pageLimit } from './paging.ts';

export const jobId = z.uuid();

/** A coding agent's run as the job shows it. */
export const codingAgent = z.object({
  name: codingAgentName,
  prompt: z.string(),
  model: z.string().nullable(),
  arguments: z.array(z.string()),
  sessionId: z.string().nullable().meta({
    description: 'The session that the agent was started with. One that the agent chose itself is in its events',
  }),
  continues: z.uuid().nullable().meta({ description: 'The job whose session this one continues' }),
});
export type CodingAgent = z.infer<typeof codingAgent>;

const exitFields = {
  exitCode: z.int().nullable().meta({ description: 'Null when a signal ended the run, or when it is unknown' }),
  signal: z.string().nullable().meta({ description: 'The signal that ended the run, for example SIGTERM' }),
  reason: endReason.nullable().meta({ description: 'What ended the run' }),
  reasonText: z.string().nullable().meta({ description: 'The reason given by the caller who stopped it' }),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  durationMs: z.number().nullable().meta({ description: 'Null while the run is under way' }),
};

export const startError = z.object({ code: z.enum(startErrorCodes), message: z.string() });

export const processInfo = z
  .object({ pid: z.int(), command: z.string() })
  .meta({ description: "A process of the job's tree" });
export type ProcessInfo = z.infer<typeof processInfo>;

export const run = z.object({
  runId: z.string().meta({ description: 'The job id, a dot, and the run number' }),
  number: z.int().meta({ description: 'The first run is 1' }),
  status: runStatus,
  pid: z.int().nullable().meta({ description: 'Process id of the command itself, not of its supervisor' }),
  ...exitFields,
  error: startError.nullable().meta({ description: 'Why the run never started' }),
  stdoutBytes: z.int().meta({ description: 'Bytes written so far, including those that maxLogBytes has dropped' }),
  stderrBytes: z.int().meta({ description: 'Bytes written so far, including those that maxLogBytes has dropped' }),
  droppedBytes: z.int().meta({ description: 'Bytes of both streams that maxLogBytes has dropped' }),
  maxMemoryBytes: z.int().nullable().meta({
    description: 'Highest memory use seen for the process tree, for ended runs with a memory limit',
  }),
  logs: z.object({ stdout: z.string(), stderr: z.string().nullable() }).meta({
    description: 'Absolute paths of the log files. With capture merged, both streams are in the log of stdout',
  }),
  leftovers: z.array(processInfo).meta({ description: 'Processes that are alive although the main process has ended' }),
});
export type Run = z.infer<typeof run>;

/** Why a pending job has not started yet. */
export const waitingFor = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('limit'), scope: z.enum(['host', 'session']), maximum: z.int() }),
    z.object({
      type: z.literal('dependency'),
      jobs: z.array(z.object({ jobId, condition: dependencyCondition, status: jobStatus.nullable() })),
    }),
    z.object({ type: z.literal('time'), until: time }),
    z.object({ type: z.literal('retry'), until: time, attempt: z.int(), maxAttempts: z.int().nullable() }),
    z.object({ type: z.literal('paused'), scope: z.enum(['host', 'session']) }),
    z.object({ type: z.literal('mutex'), mutex: z.string(), jobId }),
    z.object({ type: z.literal('resources'), text: z.string() }),
  ])
  .meta({
    description:
      'limit: the limit of running jobs is reached; dependency: other jobs must come first; time: the start time ' +
      'has not come; retry: the delay before the next attempt has not passed; paused: the queue, or that of the ' +
      'session, is paused; mutex: another job holds the mutex; resources: free memory is too low or load too high',
  });
export type WaitingFor = z.infer<typeof waitingFor>;

export const job = z.object({
  id: jobId,
  shortId: z.string().meta({ description: 'The first eight characters of the id; any unique prefix is accepted' }),
  name: z.string().nullable(),
  session: z.string().meta({ description: 'The group that the job belongs to, for lists and limits' }),
  tags: z.record(z.string(), z.string()),
  command: z.string().nullable().meta({ description: 'The shell command line; null when argv is given' }),
  argv: z.array(z.string()).nullable().meta({ description: 'Program and arguments; null when command is given' }),
  codingAgent: codingAgent.nullable().meta({ description: 'For a job that runs a coding agent' }),
  cwd: z.string(),
  priority: z.int().meta({ description: '1 to 10; higher starts first' }),
  status: jobStatus,
  waitingFor: waitingFor.nullable(),
  pid: z.int().nullable().meta({ description: 'Process id of the command itself, not of its supervisor' }),
  ...exitFields,
  error: startError.nullable().meta({ description: 'Why the run never started' }),
  dependsOn: z.array(dependency).meta({ description: 'Jobs to wait for' }),
  dueAt: time.nullable().meta({ description: 'When the job starts or is retried; for a schedule, the next time' }),
  schedule: jobId.nullable().meta({ description: 'The schedule (job with cron) that created this job' }),
  attempt: z
    .int()
    .nullable()
    .meta({ description: 'Number of attempts so far, including the current run; 0: the count starts again' }),
  gaveUp: z.boolean().meta({ description: 'Whether the job failed and no attempts are left' }),
  ready: z.boolean().nullable().meta({ description: 'Null when the job has no readyWhen' }),
  readyText: z.string().nullable().meta({ description: 'What showed that the job is ready, or what prevents it' }),
  url: z.string().nullable().meta({ description: 'Address for a browser, if readyWhen provides one' }),
  pinned: z.boolean().meta({ description: 'Whether the job is kept from cleanup' }),
  createdAt: time,
  run: z.int().nullable().meta({ description: 'The number of the current run; null before the first' }),
  runs: z.array(run),
  leftovers: z.array(processInfo).meta({ description: 'Processes that are alive although the main process has ended' }),
  options: z.object({
    shell: z.string().nullable(),
    env: z.array(z.string()).meta({ description: 'Names only; values are not shown' }),
    timeoutMs: z.int().nullable(),
    idleTimeoutMs: z.int().nullable(),
    graceMs: z.int(),
    stdin: z.enum(['none', 'text', 'file', 'pipe']),
    capture: z.enum(['separate', 'merged']),
    maxLogBytes: z.int(),
    leftovers: z.enum(['keep', 'kill']),
    idempotencyKey: z.string().nullable(),
    ifDependencyFails: z.enum(['cancel', 'wait']),
    retry: retryOption.nullable(),
    restart: restartOption.nullable(),
    at: time.nullable(),
    cron: z.string().nullable(),
    timeZone: z.string().nullable(),
    ifMissed: z.enum(['once', 'skip']),
    ifOverlap: z.enum(['skip', 'queue', 'start']),
    mutex: z.string().nullable(),
    readyWhen: readyWhenOption.nullable(),
    limits: resourceLimits,
    actor,
  }),
});
/** A job as every surface shows it. Unknown values are null, never absent. Fields of a run are those of the current run. */
export type Job = z.infer<typeof job>;

export const listQuery = z.strictObject({
  status: z.string().optional().meta({
    description: 'Only jobs with these statuses, or of the groups running, waiting and finished, separated by commas',
  }),
  session: z.string().optional().meta({ description: 'Only jobs of this session' }),
  tag: z.string().optional().meta({ description: 'Only jobs with this tag: key=value, or key for any value' }),
  schedule: z
    .string()
    .min(1)
    .max(36)
    .optional()
    .meta({ description: 'Only jobs created by this schedule: the id of the job with cron, or a prefix of it' }),
  limit: pageLimit('jobs'),
  cursor: z.string().optional().meta({ description: '`cursor` of the previous page' }),
});
export type ListQuery = z.input<typeof listQuery>;

export const jobList = z.object({
  jobs: z.array(job).meta({ description: 'Newest first' }),
  total: z.int().meta({ description: 'Number of all jobs that match, not only on this page' }),
  cursor: z.string().nullable().meta({ description: 'Cursor of the next page; null on the last page' }),
});
export type JobList = z.infer<typeof jobList>;

export const jobUpdate = z
  .strictObject({
    pinned: z.boolean().optional(),
    priority: priority.optional().meta({ description: 'New priority of a waiting job' }),
    dependsOn: z
      .array(dependency)
      .max(1000)
      .optional()
      .meta({ description: 'New dependencies of a waiting job; they replace all earlier ones' }),
    actor: actor.default('user'),
  })
  .refine(({ pinned, priority, dependsOn }) => [pinned, priority, dependsOn].some((change) => change !== undefined), {
    message: 'give at least one of pinned, priority, dependsOn',
  });
export type JobUpdate = z.input<typeof jobUpdate>;
