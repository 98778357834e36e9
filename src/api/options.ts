import * as z from 'zod';
import {
  codingAgentNames,
  dependencyConditions,
  dependencyFailures,
  endReasons,
  jobStatuses,
  longestDelayMs,
  missedTimes,
  overlaps,
  restartPolicies,
} from './values.ts';

/** ISO 8601, UTC, milliseconds. */
export const time = z.iso.datetime();

/** A string that the operating system accepts as an argument, a variable or a path. */
export const text = z.string().refine((value) => !value.includes('\0'), 'must not contain a NUL byte');

export const jobStatus = z.enum(jobStatuses);
export const runStatus = jobStatus.exclude(['held', 'scheduled', 'pending', 'cancelled']);
export const endReason = z.enum(endReasons);

/** Who made the request: a person or an agent. It decides the `reason` of an end and the mark in lists. */
export const actor = z.enum(['user', 'agent']);
export type Actor = z.infer<typeof actor>;

export const priority = z.int().min(1).max(10);

export const codingAgentName = z.enum(codingAgentNames).meta({
  description: 'claude: Claude Code; codex: Codex CLI; copilot: GitHub Copilot CLI',
});
export type CodingAgentName = z.infer<typeof codingAgentName>;

/** It becomes an argument, and may come from a program's output, so it must not look like an option. */
export const agentSessionId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, "must be an agent's session id: letters, digits, dots and dashes");

export const codingAgentArguments = z.array(text).max(1000);

export const codingAgentOption = z.strictObject({
  name: codingAgentName,
  prompt: text.min(1).max(1_048_576).meta({ description: 'The prompt, passed to the agent unchanged' }),
  model: text.min(1).optional().meta({ description: "The agent's model (default: the agent's choice)" }),
  arguments: codingAgentArguments.default([]).meta({
    description: 'More options for the program, placed before the prompt',
  }),
  sessionId: agentSessionId
    .optional()
    .meta({ description: 'Continue this session of the agent (default: a new session)' }),
  continues: z.uuid().optional().meta({ description: 'The job whose session this one continues, shown with the job' }),
});
export type CodingAgentOption = z.output<typeof codingAgentOption>;

/** setTimeout counts in 32 bits: at most 24 days, more than a delay needs. */
export const milliseconds = z.int().min(1).max(2_147_483_647);
const delay = z.int().min(0).max(2_147_483_647);

export const dependencyCondition = z.enum(dependencyConditions).meta({
  description:
    'succeeded: the job completed with exit code 0; finished: it ended in any way; started: its processes run; ready: ' +
    'its readyWhen condition was met',
});
export type DependencyCondition = z.infer<typeof dependencyCondition>;

export const dependency = z.strictObject({
  job: z.string().min(1).max(36).meta({ description: 'Job id or any unique prefix of it' }),
  condition: dependencyCondition.default('succeeded'),
});
export type Dependency = z.output<typeof dependency>;

const backoff = {
  delayMs: delay.default(1000).meta({ description: 'Delay before the second attempt' }),
  backoffFactor: z
    .number()
    .min(1)
    .max(100)
    .default(2)
    .meta({ description: 'Each delay is this many times the one before' }),
  maxDelayMs: delay.default(longestDelayMs).meta({ description: 'Maximum delay between attempts' }),
  jitter: z.number().min(0).max(1).default(0.1).meta({ description: 'Random part of each delay, 0 to 1' }),
};

/** For work that may fail now and then: a limited number of attempts. */
export const retryOption = z.strictObject({
  maxAttempts: z.int().min(2).max(1000).meta({ description: 'Maximum attempts, including the first' }),
  ...backoff,
  exitCodes: z.array(z.int().min(1).max(255)).min(1).max(255).optional().meta({
    description: 'Retry only on these exit codes (default: on any failure or limit)',
  }),
});
export type RetryOption = z.output<typeof retryOption>;

/** For servers: restarted without end, unless that happens too often. */
export const restartOption = z.strictObject({
  policy: z.enum(restartPolicies).meta({
    description: 'always: also after exit code 0. A job that is killed is never restarted',
  }),
  maxRestarts: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .meta({ description: 'Give up after this many restarts within windowMs' }),
  windowMs: milliseconds.default(60_000),
  ...backoff,
});
export type RestartOption = z.output<typeof restartOption>;

/** Start options that say when, in which order and how often a job runs. */
export const schedulingOptions = {
  dependsOn: z.array(dependency).max(1000).default([]).meta({ description: 'Jobs to wait for' }),
  ifDependencyFails: z.enum(dependencyFailures).default('cancel').meta({
    description:
      'What to do when a condition can no longer be met. wait: wait until that job is restarted and meets it',
  }),
  retry: retryOption.optional().meta({ description: 'Retry after a failure. Each attempt is a run' }),
  restart: restartOption.optional().meta({ description: 'For servers: restart the job when it ends' }),
  at: z.iso
    .datetime({ offset: true, error: 'must be a time with a time zone, for example 2026-11-20T17:30:00Z' })
    .optional()
    .meta({ description: 'Start the job at this time' }),
  cron: z.string().min(1).max(200).optional().meta({
    description: 'Start a new job at each of these times: minute hour day month weekday',
  }),
  timeZone: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: "Time zone for cron: an IANA name (default: the host's)" }),
  ifMissed: z.enum(missedTimes).default('once').meta({
    description: 'If the computer was asleep or off at the time. once: start the job once, as soon as possible',
  }),
  ifOverlap: z.enum(overlaps).default('skip').meta({
    description: 'For cron, if the previous job has not ended. queue: wait until it ends; start: start now',
  }),
  mutex: z.string().trim().min(1).max(200).optional().meta({
    description: 'Only one job with this mutex name runs at a time',
  }),
  unlessRunning: z
    .boolean()
    .default(false)
    .meta({
      description:
        'If a job of the session with the same name (without a name: the same command and folder) is already running ' +
        'or waiting, return that job',
    }),
};

const probe = {
  timeoutMs: milliseconds.default(300_000).meta({ description: 'Time limit, from the start of the run' }),
  ifNotReady: z
    .enum(['keep', 'stop'])
    .default('keep')
    .meta({ description: 'What to do when the time is up: keep the run or stop it' }),
};

const readyWhenKinds = [
  z.strictObject({
    pattern: z
      .string()
      .min(1)
      .max(10_000)
      .meta({ description: 'A line of the output matches this regular expression (RE2 syntax)' }),
    ...probe,
  }),
  z.strictObject({
    port: z.int().min(1).max(65_535).meta({ description: 'This port accepts connections' }),
    host: z
      .string()
      .min(1)
      .refine((name) => !/[\s\0/?#@\\]/.test(name), 'must be the name or address of a host, without http:// and path')
      .default('localhost'),
    ...probe,
  }),
  z.strictObject({
    url: z.url({ protocol: /^https?$/ }).meta({ description: 'GET returns status 200 to 399' }),
    ...probe,
  }),
  z.strictObject({
    file: text.min(1).meta({ description: 'This file is created or changed; relative to cwd' }),
    ...probe,
  }),
] as const;

export const readyWhenOption = z.union(readyWhenKinds, {
  error: 'must have exactly one of pattern, port (with host), url and file, and may have timeoutMs and ifNotReady',
});
export type ReadyWhen = z.output<typeof readyWhenOption>;

export const resourceLimits = z.strictObject({
  memoryBytes: z.int().min(1_048_576).max(Number.MAX_SAFE_INTEGER).optional().meta({
    description: 'Memory limit of the process tree; a run that exceeds it is killed',
  }),
  nice: z
    .int()
    .min(-20)
    .max(19)
    .optional()
    .meta({ description: 'Higher values get less CPU; below 0 needs privileges' }),
});

const name = z.string().trim().min(1).max(200);

export const environmentName = z.string().regex(/^[^=\0]+$/, 'must be a variable name: not empty, without "="');

/** A string sets a variable, null removes it. */
export const environment = z.record(environmentName, text.nullable());

export const stdinOption = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('text'), text: z.string().max(1_048_576) }),
  z.strictObject({ type: z.literal('file'), path: text }),
  z.strictObject({ type: z.literal('pipe') }),
]);
export type StdinOption = z.infer<typeof stdinOption>;

export const tags = z.record(z.string().min(1).max(64), z.string().max(256));

/** The options of a new job: the same, with the same defaults, on every surface. */
export const startRequest = z
  .strictObject({
    command: text.min(1).max(1_048_576).optional().meta({ description: 'Shell command line. Give this or argv' }),
    argv: z.array(text).min(1).max(10_000).optional().meta({
      description: 'Program and arguments, run without a shell. Give this or command',
    }),
    codingAgent: codingAgentOption.optional().meta({
      description: 'Run a coding agent and list its events. Give this alone',
    }),
    shell: text.min(1).optional().meta({ description: "Shell for command (default: the user's)" }),
    cwd: text.min(1).meta({ description: 'Working directory: an absolute path that exists' }),
    env: environment.default({}).meta({ description: 'Variables to set (string) or to remove (null)' }),
    envFile: text
      .min(1)
      .optional()
      .meta({ description: 'File of NAME=value lines, read when the job is created; env overrides it' }),
    inheritEnv: z.record(z.string(), z.string()).optional().meta({
      description: "The caller's environment, which env overrides (default: the host's). Kept in memory, never stored",
    }),
    name: name.optional(),
    session: name.default('default').meta({ description: 'The group that the job belongs to, for lists and limits' }),
    tags: tags.default({}),
    priority: priority.default(5).meta({ description: '1 to 10; higher starts first' }),
    timeoutMs: milliseconds.optional().meta({ description: 'Kill the run after this time' }),
    idleTimeoutMs: milliseconds.optional().meta({ description: 'Kill the run after this time without output' }),
    graceMs: z
      .int()
      .min(0)
      .max(3_600_000)
      .default(5000)
      .meta({ description: 'Time between the stop signal and SIGKILL' }),
    stdin: stdinOption.default({ type: 'none' }),
    held: z.boolean().default(false).meta({ description: 'Create the job without starting it; release starts it' }),
    idempotencyKey: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'A start with the same key returns the same job' }),
    ifFull: z
      .enum(['queue', 'reject'])
      .default('queue')
      .meta({ description: 'What to do when a job limit is reached' }),
    capture: z
      .enum(['separate', 'merged'])
      .default('separate')
      .meta({ description: 'merged: stdout and stderr in one file, in exact order' }),
    maxLogBytes: z.int().min(65_536).max(Number.MAX_SAFE_INTEGER).default(268_435_456).meta({
      description: 'Maximum size of each log; the oldest bytes are dropped',
    }),
    leftovers: z
      .enum(['keep', 'kill'])
      .default('keep')
      .meta({ description: 'What to do with processes that outlive the main process' }),
    ...schedulingOptions,
    readyWhen: readyWhenOption.optional().meta({
      description:
        'When the job counts as ready: a line of its output matches (RE2 syntax), a port accepts connections, GET answers ' +
        '200 to 399, or a file is created or changed (relative to cwd). timeoutMs counts from the start of the run; then the run is kept or stopped',
    }),
    limits: resourceLimits.default({}).meta({ description: 'Limits on memory and CPU' }),
    actor: actor.default('user').meta({ description: 'Who starts the job: a person or an agent' }),
  })
  .refine(
    ({ command, argv, codingAgent }) => [command, argv, codingAgent].filter((way) => way !== undefined).length === 1,
    { message: 'give one of command (a shell line), argv (program and arguments) and codingAgent' },
  )
  .refine((request) => request.argv?.[0] !== '', { message: 'argv[0] must name a program' })
  .refine(({ at, cron }) => at === undefined || cron === undefined, { message: 'give at or cron, not both' })
  .refine(({ timeZone, cron }) => timeZone === undefined || cron !== undefined, { message: 'timeZone is for cron' })
  .refine(({ retry, restart }) => retry === undefined || restart === undefined, {
    message: 'give retry (limited attempts) or restart (for servers), not both',
  });

/** A start request as callers write it: everything with a default may be left out. */
export type StartRequest = z.input<typeof startRequest>;
/** A start request with all defaults filled in. */
export type StartOptions = z.output<typeof startRequest>;
