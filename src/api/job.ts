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

export const jobId = z.uuid();

/** A coding agent's run as the job shows it. */
export const codingAgent = z.object({
  name: codingAgentName,
  prompt: z.string(),
  model: z.string().nullable(),
  arguments: z.array(z.string()),
  sessionId: z.string().nullable().meta({
    description: 'That it was started with. What the agent has chosen itself is in its events',
  }),
  continues: z.uuid().nullable().meta({ description: 'The job whose session it goes on with' }),
});
export type CodingAgent = z.infer<typeof codingAgent>;

const exitFields = {
  exitCode: z.int().nullable().meta({ description: 'Null when a signal ended it, or when it is not known' }),
  signal: z.string().nullable().meta({ description: 'The signal that ended it, for example SIGTERM' }),
  reason: endReason.nullable().meta({ description: 'Who or what ended it' }),
  reasonText: z.string().nullable().meta({ description: 'What the one who stopped it said about it' }),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  durationMs: z.number().nullable().meta({ description: 'Null while it is under way' }),
};

export const startError = z.object({ code: z.enum(startErrorCodes), message: z.string() });
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
  maxMemoryBytes: z.int().nullable().meta({
    description: 'The most that its processes were seen to hold together, of a run with a memory limit that has ended',
  }),
  logs: z
    .object({ stdout: z.string(), stderr: z.string().nullable() })
    .meta({ description: "Absolute paths of the log files. With capture merged both streams are in stdout's" }),
  leftovers: z.array(processInfo).meta({ description: 'What is alive although the main process has ended' }),
});
export type Run = z.infer<typeof run>;

/** Why a pending job is not started yet. */
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
      'limit: other jobs run; dependency: other jobs come first; time, retry: it is not yet the time; paused: the ' +
      'queue, or that of its session; mutex: another job has that name; resources: memory or load of the machine',
  });
export type WaitingFor = z.infer<typeof waitingFor>;

export const job = z.object({
  id: jobId,
  shortId: z.string().meta({ description: 'The first eight characters of the id; any unique prefix is accepted' }),
  name: z.string().nullable(),
  session: z.string().meta({ description: 'The group the job belongs to, for lists and limits' }),
  tags: z.record(z.string(), z.string()),
  command: z.string().nullable().meta({ description: 'The shell line; null when argv is given' }),
  argv: z.array(z.string()).nullable().meta({ description: 'Program and arguments; null when command is given' }),
  codingAgent: codingAgent.nullable().meta({ description: 'Of a job that runs one' }),
  cwd: z.string(),
  priority: z.int().meta({ description: '1 to 10, higher starts first' }),
  status: jobStatus,
  waitingFor: waitingFor.nullable(),
  pid: z.int().nullable().meta({ description: "The command's own process, not its supervisor's" }),
  ...exitFields,
  error: startError.nullable().meta({ description: 'Why it never started' }),
  dependsOn: z.array(dependency).meta({ description: 'Jobs that come first' }),
  dueAt: time.nullable().meta({ description: 'When it starts, or tries again; of a schedule, the next time' }),
  schedule: jobId.nullable().meta({ description: 'The job with the cron that has made this one' }),
  attempt: z.int().nullable().meta({ description: 'Of how many attempts the current run is the last; 0: begins anew' }),
  gaveUp: z.boolean().meta({ description: 'It failed, and no attempt is left' }),
  ready: z.boolean().nullable().meta({ description: 'Null when nothing was asked for with readyWhen' }),
  readyText: z.string().nullable().meta({ description: 'What showed that it is ready, or what is in the way' }),
  url: z.string().nullable().meta({ description: 'Where a browser finds it, when readyWhen has told' }),
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
/** A job as every surface shows it. What is not known is null, never absent. The fields of the run are the current run's. */
export type Job = z.infer<typeof job>;

export const listQuery = z.strictObject({
  status: z
    .string()
    .optional()
    .meta({ description: 'Statuses, or the groups running, waiting and finished, separated by commas' }),
  session: z.string().optional().meta({ description: 'Only this session' }),
  tag: z.string().optional().meta({ description: 'key=value, or key for any value' }),
  schedule: z
    .string()
    .min(1)
    .max(36)
    .optional()
    .meta({ description: 'Only what this schedule has made: the id of the job with the cron, or its beginning' }),
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

export const jobUpdate = z
  .strictObject({
    pinned: z.boolean().optional(),
    priority: priority.optional().meta({ description: 'Of a job that waits' }),
    dependsOn: z.array(dependency).max(1000).optional().meta({ description: 'Of a job that waits: all of them anew' }),
    actor: actor.default('user'),
  })
  .refine(({ pinned, priority, dependsOn }) => [pinned, priority, dependsOn].some((change) => change !== undefined), {
    message: 'give at least one of pinned, priority, dependsOn',
  });
export type JobUpdate = z.input<typeof jobUpdate>;
