import * as z from 'zod';
import { job, listQuery, processInfo } from './job.ts';
import { actor, codingAgentOption } from './options.ts';
import { signalNames } from './signals.ts';
import { jobReference, terminalSize } from './shapes.ts';
import { changes, directions } from './values.ts';

const reasonText = z.string().max(1000).optional().describe('Reason, shown with the job');

/** As people write it: with or without `SIG`, in any case. parseSignal turns it into a name. */
const signalInput = z
  .string()
  .max(20)
  .describe(`One of ${signalNames.join(', ')}; SIG may be left out, and case does not matter`);

export const killRequest = z.strictObject({
  signal: signalInput.default('SIGTERM'),
  graceMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .optional()
    .describe("Time between the signal and SIGKILL (default: the job's)"),
  escalate: z.boolean().optional().describe('false: only deliver the signal (default: true; false for USR1 and USR2)'),
  reason: reasonText,
  run: z.int().min(1).optional().describe('Kill only if this is the current run'),
  requeue: z.boolean().default(false).describe('Put the job back in the queue afterwards'),
  wait: z.boolean().default(true).describe('Answer when every process is dead; false: answer immediately'),
  actor: actor.default('user'),
});
export type KillRequest = z.input<typeof killRequest>;

export const killResult = z.object({
  result: z
    .enum(['killed', 'already_terminated', 'cancelled', 'signalled', 'stopping'])
    .describe(
      'cancelled: the job had not started; signalled: the signal was delivered, and nothing more was requested; ' +
        'stopping: the job is being stopped, and this request did not wait for it',
    ),
  signal: z.string().nullable().describe('The signal that was sent; null when none was'),
  escalated: z.boolean().describe('Whether SIGKILL was needed'),
  durationMs: z.number(),
  survivors: z.array(processInfo).describe("Processes that could not be killed, for example another user's"),
  leftoversEnded: z.int().describe('Number of processes that had outlived the main process and were killed now'),
  job,
});
export type KillResult = z.infer<typeof killResult>;

export const terminateRequest = z.strictObject({
  reason: reasonText,
  requeue: z
    .boolean()
    .default(true)
    .describe('Put the job back in the queue afterwards; false: hold it until it is released'),
  actor: actor.default('user'),
});
export type TerminateRequest = z.input<typeof terminateRequest>;

export const terminateResult = killResult
  .omit({ leftoversEnded: true })
  .extend({ ok: z.literal(true), run_id: z.string(), job_id: z.string(), result: z.literal('killed') });
export type TerminateResult = z.infer<typeof terminateResult>;

/** What selects several jobs: those of which each is true that is given. */
const selection = {
  session: z.string().optional().describe('All jobs of this session'),
  tag: z.string().optional().describe('All jobs with this tag: key=value, or key for any value'),
  status: listQuery.shape.status.describe(
    'All jobs with these statuses, or of the groups running, waiting and finished',
  ),
  q: listQuery.shape.q.describe('All jobs that match this query: see q of GET /v1/jobs'),
};

function isSelected({ session, tag, status, q }: { [Key in keyof typeof selection]?: string | undefined }): boolean {
  return [session, tag, status, q].some((choice) => choice !== undefined);
}

/** All, or what is selected. */
export const killManyRequest = killRequest
  .omit({ run: true })
  .extend({
    ...selection,
    all: z.literal(true).optional().describe('All jobs'),
  })
  .refine((request) => isSelected(request) !== (request.all !== undefined), {
    message: 'give all, or one or more of session, tag, status and q',
  });
export type KillManyRequest = z.input<typeof killManyRequest>;

export const killManyResult = z.object({ results: z.array(killResult) });
export type KillManyResult = z.infer<typeof killManyResult>;

export const restartRequest = z.strictObject({
  inheritEnv: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      "The caller's environment, which the job's variables override (default: the host's environment). Kept in " +
        'memory, never stored',
    ),
  failed: z
    .boolean()
    .default(false)
    .describe('Of an array, run only those tasks again that have ended without completing'),
  actor: actor.default('user'),
});
export type RestartRequest = z.input<typeof restartRequest>;

const failure = z.object({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).nullable(),
  retryable: z.boolean(),
});

export const changeManyRequest = z
  .strictObject({
    action: z
      .enum(changes)
      .describe(
        'Of selected jobs, it is done to those for which it does something: pause, to running jobs; resume, to paused ' +
          'ones; restart, to those that run or have ended; hold, to those that wait; release, to those on hold; remove, ' +
          'to those that have ended',
      ),
    ids: z.array(jobReference).min(1).max(1000).optional().describe('These jobs'),
    ...selection,
    inheritEnv: restartRequest.shape.inheritEnv.describe("For restart: the caller's environment, as for one job"),
    actor: actor.default('user'),
  })
  .refine((request) => isSelected(request) !== (request.ids !== undefined), {
    message: 'give ids, or one or more of session, tag, status and q',
  });
export type ChangeManyRequest = z.input<typeof changeManyRequest>;

export const changeManyResult = z.object({
  results: z
    .array(
      z.object({
        id: z.string().describe('As it was given, or the id of a selected job'),
        job: job.nullable().describe('Null if it failed'),
        error: failure.nullable(),
      }),
    )
    .describe('In the order of the ids; of selected jobs the oldest first. What fails does not affect the others'),
});
export type ChangeManyResult = z.infer<typeof changeManyResult>;

/** Either the job or the error is null. */
export const startResults = z.object({
  results: z
    .array(
      z.object({
        job: job.nullable(),
        created: z.boolean().describe('false: the existing job with the same idempotency key, or an error'),
        error: failure.nullable(),
      }),
    )
    .describe('In the order of the requests. A request that fails does not affect the others'),
});
export type StartResults = z.infer<typeof startResults>;

export const releaseRequest = z.strictObject({ actor: actor.default('user') });
export type ReleaseRequest = z.input<typeof releaseRequest>;

export const continueRequest = z.strictObject({
  prompt: codingAgentOption.shape.prompt,
  model: codingAgentOption.shape.model.describe("The agent's model (default: the previous one)"),
  arguments: codingAgentOption.shape.arguments
    .unwrap()
    .optional()
    .describe("Options for the agent's program (default: the previous ones)"),
  inheritEnv: restartRequest.shape.inheritEnv,
  actor: actor.default('user'),
});
export type ContinueRequest = z.input<typeof continueRequest>;

export const inputRequest = z
  .strictObject({
    text: z.string().max(1_048_576).optional().describe('Text to write. Give text, eof or both'),
    eof: z.boolean().default(false).describe('Close the standard input after the text'),
  })
  .refine((request) => request.text !== undefined || request.eof, { message: 'give text, eof or both' });
export type InputRequest = z.input<typeof inputRequest>;

export const resizeRequest = terminalSize;

export const waitQuery = z.strictObject({
  for: z
    .string()
    .default('exit')
    .refine((text) => ['exit', 'started', 'ready'].includes(text) || /^\/.+\/i?$/s.test(text), {
      message: 'must be exit, started, ready, /pattern/ or /pattern/i (to ignore case)',
    })
    .describe(
      'What to wait for: exit, started, ready (see readyWhen), or /pattern/ or /pattern/i in the output (RE2 syntax)',
    ),
  timeoutMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(2_147_483_647)
    .optional()
    .describe('Maximum time to wait (default: no limit)'),
});
export type WaitQuery = z.input<typeof waitQuery>;

export const waitResult = z.object({
  timedOut: z.boolean().describe('Whether timeoutMs passed first. The job is not affected'),
  match: z
    .string()
    .nullable()
    .describe(
      'The line that matched the pattern, as a terminal showed it then; of one that is longer than 1000 characters the ' +
        'part that matched',
    ),
  job,
});
export type WaitResult = z.infer<typeof waitResult>;

export const waitManyRequest = z.strictObject({
  ids: z.array(jobReference).min(1).max(100),
  until: z
    .enum(['all', 'any'])
    .default('all')
    .describe('all: until each wait is over; any: until the first is over, whose result alone is the answer'),
  ...waitQuery.shape,
});
export type WaitManyRequest = z.input<typeof waitManyRequest>;

export const waitManyResult = z.object({ results: z.array(waitResult).describe('In the order of the ids') });
export type WaitManyResult = z.infer<typeof waitManyResult>;

export const cleanupRequest = z.strictObject({
  olderThanMs: z.int().min(0).optional().describe('Only jobs that finished at least this long ago'),
  keep: z.int().min(0).optional().describe('Keep this many of the newest jobs'),
  status: z.string().optional().describe('Only jobs with these final statuses, separated by commas'),
  session: z.string().optional().describe('Only jobs of this session'),
  dryRun: z.boolean().default(false).describe('Only report what would be removed'),
});
export type CleanupRequest = z.input<typeof cleanupRequest>;

export const cleanupResult = z.object({
  cleaned: z.int().describe('Number of jobs removed'),
  remaining: z.int().describe('Number of finished jobs that remain'),
});
export type CleanupResult = z.infer<typeof cleanupResult>;

export const queueRequest = z.strictObject({
  session: z.string().min(1).optional().describe('Only the queue of this session'),
});
export type QueueRequest = z.input<typeof queueRequest>;

export const queue = z.object({
  paused: z.boolean().describe('Whether the queue is paused, so that no job starts'),
  pausedSessions: z.array(z.string()).describe('Sessions whose queue is paused'),
  jobs: z.array(job).describe('Jobs that can start now, in order, then jobs that wait for other jobs or a time'),
});
export type Queue = z.infer<typeof queue>;

export const moveRequest = z
  .strictObject({
    to: z.enum(directions).optional().describe("New position among the session's jobs that can start"),
    before: z.string().min(1).optional().describe('The job of the session that it is to start right before'),
  })
  .refine(({ to, before }) => (to === undefined) !== (before === undefined), { message: 'give either to or before' });
export type MoveRequest = z.input<typeof moveRequest>;
