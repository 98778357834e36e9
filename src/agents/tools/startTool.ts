import { isAbsolute, resolve } from 'node:path';
import * as z from 'zod';
import { BgJobsError } from '../../api/errors.ts';
import * as options from '../../api/options.ts';
import { validate } from '../../api/validate.ts';
import { isEnded, longestDelayMs } from '../../api/values.ts';
import { commandLine, oneLine, shorten } from '../../text/grammar.ts';
import { readyLine } from '../../text/stateText.ts';
import { jobSentence, logPaths, nextSentence, showOutput } from './answer.ts';
import { usualLook } from './bounded.ts';
import { defineTool, int, type ToolContext } from './tool.ts';

const { shape } = options.startRequest;
const { job: jobOption, condition } = options.dependency.shape;
const { delayMs, exitCodes } = options.retryOption.shape;

/** One object with all the fields: model providers do not accept a choice of several objects. */
const readyWhen = z
  .strictObject({
    listening: z.boolean().optional().describe('It listens on any port (best for a server; finds its URL)'),
    pattern: z.string().optional().describe('An output line matches this pattern (RE2 syntax, or /pattern/i)'),
    port: z.int().optional().describe('This port accepts connections'),
    host: z.string().optional().describe('Host for port (default: localhost)'),
    url: z.string().optional().describe('GET returns status 200 to 399'),
    file: z.string().optional().describe('This file is created or changed'),
    timeoutMs: z.int().optional().describe('Time from the start (default: 300000)'),
    ifNotReady: z
      .enum(['keep', 'stop'])
      .optional()
      .describe('After timeoutMs: keep the job running or stop it (default: keep)'),
  })
  // A model may fill in what it does not mean.
  .transform(({ listening, ...rest }) => (listening ? { listening, ...rest } : rest))
  .pipe(options.readyWhenOption)
  .describe('For servers: when the job is ready. Give one of listening, pattern, port, url, file');

export const dependsOn = options.dependency
  .extend({
    job: jobOption.describe('Job id'),
    condition: condition.describe('succeeded: exit code 0; ready: its readyWhen is met'),
  })
  .array()
  .max(1000);

const retry = options.retryOption
  .pick({ maxAttempts: true, delayMs: true, exitCodes: true })
  .extend({
    delayMs: delayMs
      .unwrap()
      .max(longestDelayMs)
      .default(delayMs.parse(undefined))
      .describe('Delay before the second attempt'),
    exitCodes: exitCodes.describe('Retry only on these exit codes (default: any failure)'),
  })
  .describe('Retry after a failure; delays double');

const restart = options.restartOption
  .pick({ policy: true })
  .extend({ policy: z.enum(['on-failure', 'always']) })
  .describe('For servers: restart when the job fails (on-failure) or ends (always); gives up after 5 in a minute');

/** What a model needs, in few words. The rest has defaults. */
const input = z.strictObject({
  command: shape.command.describe('Shell command line, for example `npm run build 2>&1`. Give this or argv'),
  argv: shape.argv,
  cwd: z.string().min(1).optional().describe('Working directory (default: the workspace folder)'),
  name: shape.name.describe('Short name for lists'),
  session: shape.session.unwrap().optional().describe("Session (group of jobs; default: this workspace's)"),
  env: shape.env.describe('Environment variables to set (string) or remove (null)'),
  envFile: shape.envFile,
  tags: shape.tags,
  priority: shape.priority,
  timeoutMs: shape.timeoutMs,
  idleTimeoutMs: shape.idleTimeoutMs,
  graceMs: shape.graceMs,
  stdin: z.enum(['none', 'pipe']).default('none').describe('pipe: keep stdin open for send_job_input'),
  stdinText: z.string().max(1_048_576).optional().describe('Text for stdin, instead of stdin: pipe'),
  readyWhen: readyWhen.optional(),
  dependsOn: dependsOn.optional().describe('Start after these jobs'),
  ifDependencyFails: shape.ifDependencyFails.describe('What to do when a dependency can no longer be met'),
  retry: retry.optional(),
  restart: restart.optional(),
  at: z.string().optional().describe('Start at this time: ISO 8601 with time zone'),
  cron: shape.cron.describe(
    'Start a new job on this schedule: minute hour day month weekday, for example "30 4 * * 1-5"',
  ),
  timeZone: shape.timeZone.describe("Time zone for cron: IANA name (default: the machine's)"),
  mutex: shape.mutex.describe('Only one job with the same mutex runs at a time'),
  unlessRunning: shape.unlessRunning.describe(
    'If a job with this name (or command and folder) already runs or waits, return it',
  ),
  held: shape.held,
  idempotencyKey: shape.idempotencyKey,
  ifFull: shape.ifFull,
  tty: shape.tty.describe('Run in a terminal, for programs that need one (prompts, full screen); send_job_input types'),
  capture: shape.capture,
  maxLogBytes: shape.maxLogBytes,
  whenFull: shape.whenFull,
  leftovers: shape.leftovers,
  limits: shape.limits,
  runner: shape.runner,
  slurm: shape.slurm,
  lookMs: int(0, 30_000)
    .default(2000)
    .describe('How long to wait for the first output; returns sooner if the job ends or is ready'),
});

export const startTools = {
  start_job: defineTool({
    title: 'Start background job',
    description:
      'Run a shell command in the background (build, test, server, any long command): it keeps running when you or the ' +
      'editor end, with all its output and exit code. ' +
      'Returns at once with id, state, and first output. kill_job ends the whole process tree. ' +
      'A job can wait for other jobs or a time, be retried, or run on a schedule. ' +
      'Do not add "&", nohup, or redirection. Use wait_for_job instead of polling or starting it again.',
    input,
    hints: { readOnly: false, destructive: false, idempotent: false },
    question: (given, context) => ({ kind: 'start', what: validate(options.startRequest, requestOf(given, context)) }),
    async run(given, context) {
      const { service } = context;
      // The user's shell applies only to command lines.
      const { shell: _shell, ...surroundings } = context.start;
      const { job: started, created } = await service.startJob({
        ...requestOf(given, context),
        ...(given.command === undefined ? surroundings : context.start),
      });
      // For a job that already existed, its own readiness counts.
      const whatFor = started.ready === false ? 'ready' : 'exit';
      const isOver = isEnded(started.status) || started.status === 'held' || started.status === 'scheduled';
      const seen = isOver
        ? started
        : (await service.waitForJob(started.id, { for: whatFor, timeoutMs: given.lookMs }, context.signal)).job;
      const silence = isEnded(seen.status) ? 'No output.' : seen.run === null ? '' : 'No output yet.';
      return {
        says: async (room) => {
          const { output, text } = await showOutput(service, seen, {}, Math.min(room, usualLook));
          return [
            jobSentence(seen),
            readyLine(seen),
            created ? '' : 'This job already exists; no new job was started.',
            `Command: ${shorten(commandLine(seen), 500)}`,
            `Folder: ${seen.cwd}. Session: ${oneLine(seen.session)}.`,
            text || silence,
            logPaths(seen.runs.at(-1)),
            nextSentence(seen, context, output.next),
          ];
        },
        job: seen,
      };
    },
  }),
};

/** The requested start, as the person confirms it. */
function requestOf(given: z.output<typeof input>, context: Pick<ToolContext, 'session' | 'cwd'>): options.StartRequest {
  const { stdin, stdinText, lookMs: _lookMs, cwd, session, ...same } = given;
  if ((given.command === undefined) === (given.argv === undefined)) {
    throw new BgJobsError('invalid_request', 'Give either command (a shell line) or argv (program and arguments).');
  }
  if (stdin === 'pipe' && stdinText !== undefined) {
    throw new BgJobsError('invalid_request', 'Give stdin: pipe or stdinText, not both.');
  }
  return {
    ...same,
    cwd: folder(cwd, context.cwd),
    session: session ?? context.session,
    stdin: stdinText === undefined ? { type: stdin } : { type: 'text', text: stdinText },
    actor: 'agent',
  };
}

function folder(cwd: string | undefined, base: string | null): string {
  if (cwd !== undefined && isAbsolute(cwd)) return cwd;
  if (base !== null) return resolve(base, cwd ?? '.');
  throw new BgJobsError('invalid_request', 'cwd: no folder is open, so give an absolute path.');
}
