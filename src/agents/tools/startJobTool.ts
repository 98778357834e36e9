import { isAbsolute, resolve } from 'node:path';
import * as z from 'zod';
import { BgJobsError } from '../../api/errors.ts';
import { job, type Job } from '../../api/job.ts';
import { startRequest, type StartRequest } from '../../api/options.ts';
import { validate } from '../../api/validate.ts';
import { isEnded } from '../../api/values.ts';
import { readyWhen, scheduling } from './fields.ts';
import { logPaths, showOutput } from './toolOutput.ts';
import { commandSentence, jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool, type ToolContext } from './tool.ts';

const { shape } = startRequest;

const input = z.strictObject({
  command: shape.command.meta({
    description: 'Shell command line, for example `npm run build 2>&1`. Give this or argv',
  }),
  argv: shape.argv,
  cwd: z.string().min(1).optional().meta({ description: 'Working directory (default: the workspace folder)' }),
  name: shape.name.meta({ description: 'Short name for lists' }),
  session: z.string().trim().min(1).max(200).optional().meta({
    description: "Session (group of jobs; default: this workspace's)",
  }),
  env: shape.env.meta({ description: 'Environment variables to set (string) or remove (null)' }),
  envFile: shape.envFile,
  tags: shape.tags,
  priority: shape.priority,
  timeoutMs: shape.timeoutMs,
  idleTimeoutMs: shape.idleTimeoutMs,
  graceMs: shape.graceMs,
  stdin: z.enum(['none', 'pipe']).default('none').meta({ description: 'pipe: keep stdin open for send_job_input' }),
  stdinText: z.string().max(1_048_576).optional().meta({ description: 'Text for stdin, instead of stdin: pipe' }),
  readyWhen: readyWhen.optional(),
  ...scheduling,
  held: shape.held,
  idempotencyKey: shape.idempotencyKey,
  ifFull: shape.ifFull,
  capture: shape.capture,
  maxLogBytes: shape.maxLogBytes,
  leftovers: shape.leftovers,
  limits: shape.limits,
  lookMs: z.int().min(0).max(30_000).default(2000).meta({
    description: 'How long to wait for the first output; returns sooner if the job ends or is ready',
  }),
});
type Input = z.output<typeof input>;

export const startJob = defineTool({
  name: 'start_job',
  title: 'Start background job',
  description:
    'Run a shell command or program in the background: build, test, server, watcher, training, or any long command. ' +
    'Returns at once with the job id, its state, and its first output; the job keeps running when the editor closes. ' +
    'No output is lost, the exit code is kept, and kill_job ends the whole process tree. ' +
    'A job can wait for other jobs or a time, be retried, or run on a schedule. ' +
    'Do not add "&", nohup, or output redirection. Use wait_for_job instead of polling or starting it again.',
  input,
  output: job,
  hints: { readOnly: false, destructive: false, idempotent: false },
  question: (given, context) => ({ kind: 'start', what: validate(startRequest, requestOf(given, context)) }),
  async run(given, context) {
    const { service } = context;
    const { job: started, created } = await service.startJob({
      ...requestOf(given, context),
      ...ofSurface(given, context),
    });
    // For a job that already existed, its own readiness counts.
    const whatFor = started.ready === false ? 'ready' : 'exit';
    const isOver = isEnded(started.status) || started.status === 'held' || started.status === 'scheduled';
    const seen = isOver
      ? started
      : (await service.waitForJob(started.id, { for: whatFor, timeoutMs: given.lookMs }, context.signal)).job;
    const shown = await showOutput(context, seen, {}, Math.min(4000, context.maxChars));
    const known = created ? '' : 'This job already exists; no new job was started.';
    return {
      text: lines(
        jobSentence(seen),
        known,
        commandSentence(seen),
        shown.text === '' ? silence(seen) : shown.text,
        logPaths(seen.runs.at(-1)),
        nextSentence(seen, context, shown.output.next),
      ),
      data: seen,
    };
  },
});

function silence({ status, run }: Job): string {
  if (isEnded(status)) return 'No output.';
  return run === null ? '' : 'No output yet.';
}

/** The requested start, as the person confirms it. */
function requestOf(given: Input, context: Pick<ToolContext, 'session' | 'cwd'>): StartRequest {
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

/** The user's shell applies only to command lines. */
function ofSurface(given: Input, { start }: ToolContext): ToolContext['start'] {
  const { shell, ...rest } = start;
  return shell === undefined || given.command === undefined ? rest : { ...rest, shell };
}

function folder(cwd: string | undefined, base: string | null): string {
  if (cwd !== undefined && isAbsolute(cwd)) return cwd;
  if (base !== null) return resolve(base, cwd ?? '.');
  throw new BgJobsError('invalid_request', 'cwd: no folder is open, so give an absolute path.');
}
