import * as z from 'zod';
import {
  codingAgentNames,
  codingAgentTitles,
  dependencyConditions,
  dependencyFailures,
  endReasons,
  jobStatuses,
  longestDelayMs,
  missedTimes,
  mostRunningJobs,
  mostTasks,
  overlaps,
  restartPolicies,
} from './values.ts';
import { runnerName, slurmOptions } from './remote.ts';
import {
  choice,
  delay,
  longestWaitMs,
  milliseconds,
  name,
  readyError,
  readyForms,
  resourceLimits,
  terminalSize,
  text,
  variableName,
  jobReference,
} from './shapes.ts';

/** ISO 8601, UTC, milliseconds. */
export const time = z.iso.datetime();

export const jobStatus = z.enum(jobStatuses);
export const runStatus = jobStatus.exclude(['held', 'scheduled', 'pending', 'cancelled']);
export const endReason = z.enum(endReasons);

/** Who made the request: a person or an agent. It decides the `reason` of an end and the mark in lists. */
export const actor = z.enum(['user', 'agent']);
export type Actor = z.infer<typeof actor>;

export const priority = z.int().min(1).max(10);

export const codingAgentName = z.enum(codingAgentNames).describe(
  Object.entries(codingAgentTitles)
    .map(([name, title]) => `${name}: ${title}`)
    .join('; '),
);
export type CodingAgentName = z.infer<typeof codingAgentName>;

/** It becomes an argument, and may come from a program's output, so it must not look like an option. */
export const agentSessionId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, "must be an agent's session id: letters, digits, dots and dashes");

export const codingAgentOption = z.strictObject({
  name: codingAgentName,
  prompt: text.min(1).max(1_048_576).describe('The prompt, passed to the agent unchanged'),
  model: text.min(1).optional().describe("The agent's model (default: the agent's choice)"),
  arguments: z.array(text).max(1000).default([]).describe('More options for the program, placed before the prompt'),
  sessionId: agentSessionId.optional().describe('Continue this session of the agent (default: a new session)'),
  continues: z.uuid().optional().describe('The job whose session this one continues, shown with the job'),
});
export type CodingAgentOption = z.output<typeof codingAgentOption>;

export const dependencyCondition = z
  .enum(dependencyConditions)
  .describe(
    'succeeded: the job completed with exit code 0; finished: it ended in any way; started: its processes run; ready: ' +
      'its readyWhen condition was met',
  );
export type DependencyCondition = z.infer<typeof dependencyCondition>;

export const dependency = z.strictObject({
  job: jobReference,
  condition: dependencyCondition.default('succeeded'),
});
export type Dependency = z.output<typeof dependency>;

const backoff = {
  delayMs: delay.default(1000).describe('Delay before the second attempt'),
  backoffFactor: z.number().min(1).max(100).default(2).describe('Each delay is this many times the one before'),
  maxDelayMs: delay.default(longestDelayMs).describe('Maximum delay between attempts'),
  jitter: z.number().min(0).max(1).default(0.1).describe('Random part of each delay, 0 to 1'),
};

/** For work that may fail now and then: a limited number of attempts. */
export const retryOption = z.strictObject({
  maxAttempts: z.int().min(2).max(1000).describe('Maximum attempts, including the first'),
  ...backoff,
  exitCodes: z
    .array(z.int().min(1).max(255))
    .min(1)
    .max(255)
    .optional()
    .describe('Retry only on these exit codes (default: on any failure or limit)'),
});
export type RetryOption = z.output<typeof retryOption>;

/** For servers: restarted without end, unless that happens too often. */
export const restartOption = z.strictObject({
  policy: z.enum(restartPolicies).describe('always: also after exit code 0. A job that is stopped is never restarted'),
  maxRestarts: z.int().min(1).max(1000).default(5).describe('Give up after this many restarts within windowMs'),
  windowMs: milliseconds.default(60_000),
  ...backoff,
});
export type RestartOption = z.output<typeof restartOption>;

export const readyWhenOption = z.union(readyForms, readyError);
/** In a request, the word alone is enough. */
const readyWhenRequest = z.union(
  [z.literal('listening').transform(() => readyForms[1].parse({ listening: true })), ...readyForms],
  readyError,
);
export type ReadyWhen = z.output<typeof readyWhenOption>;

/** Runs one command many times: `{}` in it stands for the item of a task, or its number, and `{#}` for its number. */
const arrayOption = z
  .strictObject({
    tasks: text
      .min(1)
      .max(10_000)
      .optional()
      .describe('Task numbers: 1-1000, 1-1000:2 (every second) or 1,3,5-9; %8 at the end runs at most 8 at a time'),
    items: z
      .array(text.max(65_536))
      .min(1)
      .max(mostTasks)
      .optional()
      .describe('An item for each task. The tasks are numbered from 1'),
    maxRunning: z.int().min(1).max(mostRunningJobs).optional().describe('Maximum number of tasks that run at a time'),
  })
  .refine(({ tasks, items }) => (tasks === undefined) !== (items === undefined), {
    message: 'give either tasks (numbers) or items',
  });

/** The options of a new job: the same, with the same defaults, on every surface. */
export const startRequest = z
  .strictObject({
    command: text.min(1).max(1_048_576).optional().describe('Shell command line. Give this or argv'),
    argv: z
      .array(text)
      .min(1)
      .max(10_000)
      .optional()
      .describe('Program and arguments, run without a shell. Give this or command'),
    codingAgent: codingAgentOption.optional().describe('Run a coding agent and list its events. Give this alone'),
    array: arrayOption
      .optional()
      .describe('Run the command once per task. {} stands for the item or number of the task, {#} for its number'),
    shell: text.min(1).optional().describe("Shell for command (default: the user's)"),
    cwd: text.min(1).describe('Working directory: an absolute path that exists'),
    env: z
      .record(variableName, text.nullable())
      .default({})
      .describe('Variables to set (string) or to remove (null). Their values are stored with the job'),
    secrets: z
      .array(variableName)
      .max(100)
      .optional()
      .describe(
        "Names of the caller's variables that are kept in memory only; when the host was restarted, a run fails without them",
      ),
    envFile: text
      .min(1)
      .optional()
      .describe('File of NAME=value lines, read when the job is created; env overrides it'),
    inheritEnv: z
      .record(z.string(), z.string())
      .optional()
      .describe("The caller's environment, which env overrides (default: the host's). Kept in memory, never stored"),
    inheritEnvFrom: z
      .literal('loginShell')
      .optional()
      .describe("The caller was given almost no environment, so inheritEnv has that of the user's login shell"),
    name: name.optional(),
    session: name.default('default').describe('The group that the job belongs to, for lists and limits'),
    tags: z.record(z.string().min(1).max(64), z.string().max(256)).default({}),
    notify: z
      .array(name)
      .max(20)
      .optional()
      .describe('Names of hooks to tell about this job, for hooks that are told on request'),
    priority: priority.default(5).describe('1 to 10; higher starts first'),
    timeoutMs: milliseconds.optional().describe('Stop the run after this time'),
    idleTimeoutMs: milliseconds.optional().describe('Stop the run after this time without output'),
    graceMs: z.int().min(0).max(3_600_000).default(5000).describe('Time between the stop signal and SIGKILL'),
    stdin: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('none') }),
        z.strictObject({ type: z.literal('text'), text: z.string().max(1_048_576) }),
        z.strictObject({ type: z.literal('file'), path: text }),
        z.strictObject({ type: z.literal('pipe') }),
      ])
      .default({ type: 'none' }),
    tty: z
      .boolean()
      .optional()
      .describe(
        'Run the command in a terminal (pty). Input is typed there, so stdin is pipe; capture is merged. Not on Windows',
      ),
    terminalSize: terminalSize.optional().describe('For tty: the size at the start (default: 80 columns, 24 rows)'),
    held: z.boolean().default(false).describe('Create the job without starting it; release starts it'),
    idempotencyKey: z.string().min(1).max(200).optional().describe('A start with the same key returns the same job'),
    ifFull: choice(['queue', 'reject'], 'What to do when a job limit is reached'),
    capture: choice(['separate', 'merged'], 'merged: stdout and stderr in one file, in exact order'),
    maxLogBytes: z.int().min(65_536).default(268_435_456).describe('Maximum size of each log'),
    whenFull: choice(
      ['drop', 'pause', 'end'],
      'What to do when a log reaches maxLogBytes. pause: pause the job, and drop nothing before it is resumed',
    ),
    leftovers: choice(['keep', 'kill'], 'What to do with processes that outlive the main process'),
    dependsOn: z.array(dependency).max(1000).default([]).describe('Jobs to wait for'),
    ifDependencyFails: choice(
      dependencyFailures,
      'What to do when a condition can no longer be met. wait: wait until that job is restarted and meets it',
    ),
    retry: retryOption.optional().describe('Retry after a failure. Each attempt is a run'),
    restart: restartOption.optional().describe('For servers: restart the job when it ends'),
    afterReboot: choice(['keep', 'restart'], 'If the computer was restarted while the job ran. restart: run it again'),
    at: z.iso
      .datetime({ offset: true, error: 'must be a time with a time zone, for example 2026-11-20T17:30:00Z' })
      .optional()
      .describe('Start the job at this time'),
    delayMs: z
      .int()
      .min(0)
      .max(longestWaitMs)
      .optional()
      .describe('Start the job after this time, whatever the clock is set to meanwhile'),
    cron: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Start a new job at each of these times: minute hour day month weekday'),
    timeZone: z.string().min(1).max(100).optional().describe("Time zone for cron: an IANA name (default: the host's)"),
    ifMissed: choice(
      missedTimes,
      'If the computer was asleep or off at the time. once: start the job once, as soon as possible',
    ),
    ifOverlap: choice(
      overlaps,
      'For cron, if the previous job has not ended. queue: wait until it ends; start: start now',
    ),
    mutex: name.optional().describe('Only one job with this mutex name runs at a time'),
    unlessRunning: z
      .boolean()
      .default(false)
      .describe(
        'If a job of the session with the same name (without a name: the same command and folder) is already running ' +
          'or waiting, return that job',
      ),
    readyWhen: readyWhenRequest
      .optional()
      .describe(
        'When the job counts as ready: it listens on a port ("listening" is enough), a given port accepts connections, ' +
          'GET answers 200 to 399, a line of its output matches (RE2 syntax), or a file is created or changed (relative to ' +
          'cwd). timeoutMs counts from the start of the run; then the run is kept or stopped',
      ),
    limits: resourceLimits.default({}).describe('Limits on memory and CPU'),
    runner: runnerName
      .optional()
      .describe('Where the job runs (default: local). slurm: as a job of Slurm, on a cluster that sees the same files'),
    slurm: slurmOptions.optional().describe('For runner slurm: what the job asks of Slurm'),
    actor: actor.default('user').describe('Who starts the job: a person or an agent'),
  })
  .refine(
    ({ command, argv, codingAgent }) => [command, argv, codingAgent].filter((way) => way !== undefined).length === 1,
    { message: 'give one of command (a shell line), argv (program and arguments) and codingAgent' },
  )
  .refine((request) => request.argv?.[0] !== '', { message: 'argv[0] must name a program' })
  .refine(({ at, cron, delayMs }) => [at, cron, delayMs].filter((way) => way !== undefined).length < 2, {
    message: 'give one of at, delayMs and cron, not both',
  })
  .refine(({ slurm, runner }) => slurm === undefined || runner === 'slurm', { message: 'slurm is for runner slurm' })
  .refine(({ terminalSize, tty }) => terminalSize === undefined || tty, { message: 'terminalSize is for tty' })
  .refine(({ timeZone, cron }) => timeZone === undefined || cron !== undefined, { message: 'timeZone is for cron' })
  .refine(({ retry, restart }) => retry === undefined || restart === undefined, {
    message: 'give retry (limited attempts) or restart (for servers), not both',
  });

/** Many start requests: each is answered by itself. */
export const startRequests = z.array(startRequest).min(1).max(1000);

/** A start request as callers write it: everything with a default may be left out. */
export type StartRequest = z.input<typeof startRequest>;
/** A start request with all defaults filled in. */
export type StartOptions = z.output<typeof startRequest>;
export type StdinOption = StartOptions['stdin'];
