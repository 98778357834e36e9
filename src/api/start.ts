import * as z from 'zod';
import {
  actor,
  codingAgentOption,
  milliseconds,
  priority,
  readyWhenOption,
  resourceLimits,
  schedulingOptions,
  text,
} from './options.ts';

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
