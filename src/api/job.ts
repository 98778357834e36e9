import * as z from 'zod';
import { startErrorCodes } from './errors.ts';
import {
  actor,
  codingAgentName,
  dependency,
  dependencyCondition,
  endReason,
  jobStatus,
  readyWhenOption,
  restartOption,
  retryOption,
  runStatus,
  time,
} from './options.ts';
import { remote, runnerName, slurmOptions } from './remote.ts';
import { jobReference, resourceLimits } from './shapes.ts';
import { pageLimit } from './paging.ts';

export const jobId = z.uuid();

/** A coding agent's run as the job shows it. */
export const codingAgent = z.object({
  name: codingAgentName,
  prompt: z.string(),
  model: z.string().nullable(),
  arguments: z.array(z.string()),
  sessionId: z
    .string()
    .nullable()
    .describe('The session that the agent was started with. One that the agent chose itself is in its events'),
  continues: z.uuid().nullable().describe('The job whose session this one continues'),
});
export type CodingAgent = z.infer<typeof codingAgent>;

const exitFields = {
  exitCode: z.int().nullable().describe('Null when a signal ended the run, or when it is unknown'),
  signal: z.string().nullable().describe('The signal that ended the run, for example SIGTERM'),
  reason: endReason.nullable().describe('What ended the run'),
  reasonText: z.string().nullable().describe('The reason given by the caller who stopped it, or what the end shows'),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  pausedAt: time.nullable().describe('Since when the run is paused; null if it is not'),
  durationMs: z.number().nullable().describe('Null while the run is under way'),
};

export const startError = z.object({ code: z.enum(startErrorCodes), message: z.string() });

export const processInfo = z.object({ pid: z.int(), command: z.string() }).describe("A process of the job's tree");
export type ProcessInfo = z.infer<typeof processInfo>;

export const run = z.object({
  runId: z.string().describe('The job id, a dot, and the run number'),
  number: z.int().describe('The first run is 1'),
  status: runStatus,
  pid: z.int().nullable().describe('Process id of the command itself, not of its supervisor'),
  ...exitFields,
  error: startError.nullable().describe('Why the run never started'),
  stdoutBytes: z.int().describe('Bytes written so far, including those that maxLogBytes has dropped'),
  stderrBytes: z.int().describe('Bytes written so far, including those that maxLogBytes has dropped'),
  droppedBytes: z.int().describe('Bytes of both streams that maxLogBytes has dropped'),
  maxMemoryBytes: z
    .int()
    .nullable()
    .describe('Highest memory use seen for the process tree, for ended runs with a memory limit'),
  logs: z
    .object({ stdout: z.string(), stderr: z.string().nullable() })
    .describe('Absolute paths of the log files. With capture merged, both streams are in the log of stdout'),
  leftovers: z.array(processInfo).describe('Processes that are alive although the main process has ended'),
  remote: remote.nullable().describe('Where the run is, if it is not on this machine'),
});
export type Run = z.infer<typeof run>;

/** Why a pending job has not started yet. */
export const waitingFor = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('limit'), scope: z.enum(['host', 'session', 'array']), maximum: z.int() }),
    z.object({
      type: z.literal('dependency'),
      jobs: z.array(z.object({ jobId, condition: dependencyCondition, status: jobStatus.nullable() })),
    }),
    z.object({ type: z.literal('time'), until: time }),
    z.object({ type: z.literal('retry'), until: time, attempt: z.int(), maxAttempts: z.int().nullable() }),
    z.object({ type: z.literal('paused'), scope: z.enum(['host', 'session']) }),
    z.object({ type: z.literal('mutex'), mutex: z.string(), jobId }),
    z.object({ type: z.literal('resources'), text: z.string() }),
    z.object({
      type: z.literal('quota'),
      quota: z.enum(['jobsPerHour']),
      scope: z.enum(['host', 'session']),
      maximum: z.int(),
      until: time.describe('When another run may start'),
    }),
    z.object({
      type: z.literal('cluster'),
      code: z.string().describe('The reason in the word of Slurm, for example Priority; empty if it gives none'),
      text: z.string().describe('What that means'),
      until: time.nullable().describe('When it is expected to start'),
    }),
  ])
  .describe(
    'limit: the limit of running jobs is reached; dependency: other jobs must come first; time: the start time ' +
      'has not come; retry: the delay before the next attempt has not passed; paused: the queue, or that of the ' +
      'session, is paused; mutex: another job holds the mutex; resources: free memory or disk space is too low or load too high; quota: the jobs together have ' +
      'used it up; cluster: it was handed over and waits there',
  );
export type WaitingFor = z.infer<typeof waitingFor>;

/** What the output of a job shows of its progress. */
export const progress = z.object({
  percent: z.number().describe('0 to 100'),
  done: z.int().nullable().describe('What the command counts, files for example; null if it only shows a percentage'),
  total: z.int().nullable(),
  text: z.string().describe('The line of the output that shows it'),
});
export type Progress = z.infer<typeof progress>;

/** The tasks of an array in numbers. */
export const arrayState = z.object({
  tasks: z.int().describe('Number of tasks'),
  numbers: z.string().nullable().describe('The numbers of the tasks as they were given; null if items were given'),
  maxRunning: z.int().nullable().describe('Maximum number of tasks that run at a time'),
  ended: z.int().describe('Number of tasks that have ended in any way'),
  failed: z.int().describe('Number of tasks that have failed, timed out or were lost'),
  byStatus: z.partialRecord(jobStatus, z.int()).describe('Number of tasks by status'),
});
export type ArrayState = z.infer<typeof arrayState>;

export const job = z.object({
  id: jobId,
  shortId: z
    .string()
    .describe(
      'The first eight characters of the id; any unique prefix is accepted. Of a task: that of its array, a colon and ' +
        'its number',
    ),
  name: z.string().nullable(),
  session: z.string().describe('The group that the job belongs to, for lists and limits'),
  tags: z.record(z.string(), z.string()),
  command: z.string().nullable().describe('The shell command line; null when argv is given'),
  argv: z.array(z.string()).nullable().describe('Program and arguments; null when command is given'),
  codingAgent: codingAgent.nullable().describe('For a job that runs a coding agent'),
  array: arrayState.nullable().describe('For a job that has tasks in place of runs'),
  task: z
    .object({ array: jobId, number: z.int(), item: z.string().nullable() })
    .nullable()
    .describe('For a task of an array: the id of the array, and the number and item of the task'),
  cwd: z.string(),
  priority: z.int().describe('1 to 10; higher starts first'),
  status: jobStatus,
  waitingFor: waitingFor.nullable(),
  pid: z.int().nullable().describe('Process id of the command itself, not of its supervisor'),
  ...exitFields,
  error: startError.nullable().describe('Why the run never started'),
  dependsOn: z.array(dependency).describe('Jobs to wait for'),
  dueAt: time.nullable().describe('When the job starts or is retried; for a schedule, the next time'),
  schedule: jobId.nullable().describe('The schedule (job with cron) that created this job'),
  attempt: z
    .int()
    .nullable()
    .describe('Number of attempts so far, including the current run; 0: the count starts again'),
  gaveUp: z.boolean().describe('Whether the job failed and no attempts are left'),
  ready: z.boolean().nullable().describe('Null when the job has no readyWhen. False once it has failed or was ended'),
  readyText: z.string().nullable().describe('What showed that the job is ready, or what prevents it'),
  url: z.string().nullable().describe('Address for a browser, when the job is ready and answers HTTP'),
  progress: progress
    .nullable()
    .describe(
      'What the last lines of the output show of the progress of a running job, read at most once a second; null when ' +
        'they show none. Events have it only if their type is progress',
    ),
  expectedEnd: time
    .nullable()
    .describe(
      'When a running job will end, by the rise of its progress or else by the median of earlier successful runs of ' +
        'the same command; null when neither tells. Events have it only if their type is progress',
    ),
  pinned: z.boolean().describe('Whether the job is kept from cleanup'),
  createdAt: time,
  queuedAt: time.describe(
    'Since when it waits in the queue, or waited before its current run. A job that is or was held or scheduled is not in ' +
      'the queue before it is released or its time has come',
  ),
  run: z.int().nullable().describe('The number of the current run; null before the first'),
  runs: z.array(run),
  leftovers: z.array(processInfo).describe('Processes that are alive although the main process has ended'),
  remote: remote.nullable().describe('Where the current run is, if it is not on this machine'),
  options: z.object({
    shell: z.string().nullable(),
    env: z.array(z.string()).describe('Names only; values are not shown'),
    secrets: z.array(z.string()).describe('Names of the variables whose values are kept in memory only'),
    notify: z.array(z.string()).describe('Names of the hooks that are told on request'),
    inheritEnvFrom: z.enum(['caller', 'loginShell']).describe('Whose environment env was added to at the start'),
    timeoutMs: z.int().nullable(),
    idleTimeoutMs: z.int().nullable(),
    graceMs: z.int(),
    stdin: z.enum(['none', 'text', 'file', 'pipe']),
    tty: z.boolean().describe('Whether the command runs in a terminal'),
    capture: z.enum(['separate', 'merged']),
    maxLogBytes: z.int(),
    whenFull: z.enum(['drop', 'pause', 'end']),
    leftovers: z.enum(['keep', 'kill']),
    idempotencyKey: z.string().nullable(),
    ifDependencyFails: z.enum(['cancel', 'wait']),
    retry: retryOption.nullable(),
    restart: restartOption.nullable(),
    afterReboot: z.enum(['keep', 'restart']),
    at: time.nullable(),
    delayMs: z.int().nullable(),
    cron: z.string().nullable(),
    timeZone: z.string().nullable(),
    ifMissed: z.enum(['once', 'skip']),
    ifOverlap: z.enum(['skip', 'queue', 'start']),
    mutex: z.string().nullable(),
    readyWhen: readyWhenOption.nullable(),
    limits: resourceLimits,
    runner: runnerName,
    slurm: slurmOptions.nullable(),
    actor,
  }),
});
/** A job as every surface shows it. Unknown values are null, never absent. Fields of a run are those of the current run. */
export type Job = z.infer<typeof job>;

const jobQuery = z
  .string()
  .max(2000)
  .optional()
  .describe(
    'Only jobs that match this query, for example `status=failed session=api tag=x since=1h sort=-duration name~text`. ' +
      'Fields with =: status, session, name, tag, exit, since, before, sort; with ~ for a part of the text: name, ' +
      'command, session. @failed, @running, @waiting, @succeeded, @stopped and @finished stand for statuses. Other ' +
      'words are looked for as with text. Quotation marks keep spaces together. since and before take the time of ' +
      'creation: a duration back from now, or a time. sort takes created, started, ended, duration, name, session, ' +
      'status or exit, with - for the reverse, and takes precedence over order',
  );

export const listQuery = z.strictObject({
  status: z
    .string()
    .optional()
    .describe('Only jobs with these statuses, or of the groups running, waiting and finished, separated by commas'),
  session: z.string().optional().describe('Only jobs of this session'),
  tag: z.string().optional().describe('Only jobs with this tag: key=value, or key for any value'),
  schedule: jobReference
    .optional()
    .describe('Only jobs created by this schedule: the id of the job with cron, a prefix of it, or its name'),
  array: jobReference
    .optional()
    .describe(
      'The tasks of this array, in their order, instead of jobs: the id of the array, a prefix of it, or its name',
    ),
  text: z
    .string()
    .max(1000)
    .optional()
    .describe(
      'Only jobs in which every word of this text occurs: in the name, command, prompt, session, tags, status and exit code, or ' +
        'as the beginning of the id. The case of the letters A to Z does not matter',
    ),
  q: jobQuery,
  order: z
    .enum(['created', 'ended'])
    .default('created')
    .describe('created: newest first; ended: only jobs that have ended, the last one to end first'),
  limit: pageLimit('jobs'),
  cursor: z.string().optional().describe('`cursor` of the previous page'),
});
export type ListQuery = z.input<typeof listQuery>;

export const jobList = z.object({
  jobs: z.array(job).describe('In the order that was asked for; tasks in their order'),
  total: z.int().describe('Number of all jobs that match, not only on this page'),
  cursor: z.string().nullable().describe('Cursor of the next page; null on the last page'),
});
export type JobList = z.infer<typeof jobList>;
