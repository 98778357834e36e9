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

/** What the system takes as an argument, a variable or a path. */
export const text = z.string().refine((value) => !value.includes('\0'), 'must not contain a NUL byte');

export const jobStatus = z.enum(jobStatuses);
export const runStatus = jobStatus.exclude(['held', 'scheduled', 'pending', 'cancelled']);
export const endReason = z.enum(endReasons);

/** Who asked. Decides the `reason` of an end and the mark in lists. */
export const actor = z.enum(['user', 'agent']);
export type Actor = z.infer<typeof actor>;

export const priority = z.int().min(1).max(10);

export const codingAgentName = z.enum(codingAgentNames).meta({
  description: 'claude: Claude Code; codex: Codex CLI; copilot: GitHub Copilot CLI',
});
export type CodingAgentName = z.infer<typeof codingAgentName>;

/** It becomes an argument, and can come from what a program has printed: it must not read as an option. */
export const agentSessionId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, "must be an agent's session id: letters, digits, dots and dashes");

export const codingAgentArguments = z.array(text).max(1000);

export const codingAgentOption = z.strictObject({
  name: codingAgentName,
  prompt: text.min(1).max(1_048_576).meta({ description: 'One argument: it arrives byte for byte' }),
  model: text.min(1).optional().meta({ description: "The agent's model (its own choice)" }),
  arguments: codingAgentArguments.default([]).meta({
    description: 'More options for the program, before the prompt: what it may do without asking, for example',
  }),
  sessionId: agentSessionId.optional().meta({ description: 'Go on with this session of the agent (a new one)' }),
  continues: z.uuid().optional().meta({ description: 'The job whose session it goes on with, for the record' }),
});
export type CodingAgentOption = z.output<typeof codingAgentOption>;

/** setTimeout counts in 32 bits; 24 days are more than a delay needs. */
export const milliseconds = z.int().min(1).max(2_147_483_647);
const delay = z.int().min(0).max(2_147_483_647);

export const dependencyCondition = z.enum(dependencyConditions).meta({
  description:
    'succeeded: it completed with exit code 0; finished: it ended, however; started: it has its processes; ready: its ' +
    'readyWhen has come true',
});
export type DependencyCondition = z.infer<typeof dependencyCondition>;

export const dependency = z.strictObject({
  job: z.string().min(1).max(36).meta({ description: 'Its id, or any unique prefix of it' }),
  condition: dependencyCondition.default('succeeded'),
});
export type Dependency = z.output<typeof dependency>;

const backoff = {
  delayMs: delay.default(1000).meta({ description: 'Before the second attempt' }),
  backoffFactor: z.number().min(1).max(100).default(2).meta({ description: 'Each delay is this much longer' }),
  maxDelayMs: delay.default(longestDelayMs).meta({ description: 'No delay is longer' }),
  jitter: z.number().min(0).max(1).default(0.1).meta({ description: 'The part of a delay that is left to chance' }),
};

/** For work that may fail by chance: a limited number of attempts. */
export const retryOption = z.strictObject({
  maxAttempts: z.int().min(2).max(1000).meta({ description: 'All attempts, the first one included' }),
  ...backoff,
  exitCodes: z.array(z.int().min(1).max(255)).min(1).max(255).optional().meta({
    description: 'Only after these exit codes (after every failure and every limit of its own that ended it)',
  }),
});
export type RetryOption = z.output<typeof retryOption>;

/** For servers: started again for ever, unless that happens too often. */
export const restartOption = z.strictObject({
  policy: z.enum(restartPolicies).meta({
    description: 'always: after exit code 0, too. Whoever kills the job ends it under every policy',
  }),
  maxRestarts: z.int().min(1).max(1000).default(5).meta({ description: 'Within windowMs; then it gives up' }),
  windowMs: milliseconds.default(60_000),
  ...backoff,
});
export type RestartOption = z.output<typeof restartOption>;

/** Start options about when, in which order, and how often. */
export const schedulingOptions = {
  dependsOn: z.array(dependency).max(1000).default([]).meta({ description: 'Jobs that come first' }),
  ifDependencyFails: z.enum(dependencyFailures).default('cancel').meta({
    description: 'When a condition cannot come true any more. wait: until that job, started again, makes it true',
  }),
  retry: retryOption.optional().meta({ description: 'Try again after a failure: each attempt is a run' }),
  restart: restartOption.optional().meta({ description: 'Start it again whenever it ends: for servers' }),
  at: z.iso
    .datetime({ offset: true, error: 'must be a time with its zone, for example 2026-11-20T17:30:00Z' })
    .optional()
    .meta({ description: 'Start it at this time' }),
  cron: z.string().min(1).max(200).optional().meta({
    description: 'Start it again and again: minute hour day month weekday. Each time makes a job of its own',
  }),
  timeZone: z.string().min(1).max(100).optional().meta({ description: "For cron: an IANA name (the host's own)" }),
  ifMissed: z.enum(missedTimes).default('once').meta({
    description: 'When the machine slept or was off at the time. once: start it as soon as possible, once',
  }),
  ifOverlap: z.enum(overlaps).default('skip').meta({
    description: 'For cron, when the job of the last time has not ended. queue: wait for its end; start: at once',
  }),
  mutex: z.string().trim().min(1).max(200).optional().meta({
    description: 'Of all jobs with the same name here, one runs at a time',
  }),
  unlessRunning: z
    .boolean()
    .default(false)
    .meta({
      description:
        'If a job of the session with the same name (without one: the same command and folder) runs or waits already, ' +
        'give back that one',
    }),
};

const probe = {
  timeoutMs: milliseconds.default(300_000).meta({ description: 'From the start of the run' }),
  ifNotReady: z
    .enum(['keep', 'stop'])
    .default('keep')
    .meta({ description: 'When the time is up: let it run or end it' }),
};

const readyWhenKinds = [
  z.strictObject({
    pattern: z.string().min(1).max(10_000).meta({ description: 'In the output (RE2 syntax)' }),
    ...probe,
  }),
  z.strictObject({
    port: z.int().min(1).max(65_535).meta({ description: 'It accepts connections' }),
    host: z
      .string()
      .min(1)
      .refine(
        (name) => !/[\s\0/?#@\\]/.test(name),
        'must be the name or the address of a host, without http:// and path',
      )
      .default('localhost'),
    ...probe,
  }),
  z.strictObject({ url: z.url({ protocol: /^https?$/ }).meta({ description: 'It answers 200 to 399' }), ...probe }),
  z.strictObject({
    file: text.min(1).meta({ description: 'It is made or changed; relative to cwd' }),
    ...probe,
  }),
] as const;

export const readyWhenOption = z.union(readyWhenKinds, {
  error: 'must have exactly one of pattern, port (with host), url and file; and may have timeoutMs and ifNotReady',
});
export type ReadyWhen = z.output<typeof readyWhenOption>;

export const resourceLimits = z.strictObject({
  memoryBytes: z.int().min(1_048_576).max(Number.MAX_SAFE_INTEGER).optional().meta({
    description: 'Of the whole tree; over it the run is ended',
  }),
  nice: z
    .int()
    .min(-20)
    .max(19)
    .optional()
    .meta({ description: 'The higher, the less CPU among others; below 0 needs rights' }),
});
export type ResourceLimits = z.output<typeof resourceLimits>;
