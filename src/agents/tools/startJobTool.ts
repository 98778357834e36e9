import { isAbsolute, resolve } from 'node:path';
import * as z from 'zod';
import { BgJobsError } from '../../api/errors.ts';
import { job, type Job } from '../../api/job.ts';
import { startRequest, type StartRequest } from '../../api/start.ts';
import { validate } from '../../api/validate.ts';
import { isEnded } from '../../api/values.ts';
import { readyWhen } from './fields.ts';
import { logPaths, lookAtOutput } from './firstOutput.ts';
import { scheduling } from './schedulingText.ts';
import { commandSentence, jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool, type ToolContext } from './tool.ts';

const { shape } = startRequest;

const input = z.strictObject({
  command: shape.command.meta({ description: 'A shell line, for example `npm run build 2>&1`. Give this or argv' }),
  argv: shape.argv,
  cwd: z.string().min(1).optional().meta({ description: 'Working directory (the workspace folder)' }),
  name: shape.name.meta({ description: 'A short name for lists' }),
  session: z.string().trim().min(1).max(200).optional().meta({
    description: 'The group of jobs it belongs to (the one of this workspace)',
  }),
  env: shape.env.meta({ description: 'Environment variables to set (text) or to remove (null)' }),
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
    description:
      'How long to watch it for the first output before answering; a job that ends or is ready sooner answers sooner',
  }),
});
type Input = z.output<typeof input>;

export const startJob = defineTool({
  name: 'start_job',
  title: 'Start background job',
  description:
    'Run a shell command or program in the background: build, test, server, watcher, training, any long command. ' +
    'Returns at once with the job id, its state and its first output; the job goes on when the editor closes. ' +
    'Nothing of the output is lost, the exit code is kept, and kill_job ends the whole process tree. ' +
    'It can wait for other jobs or a time, be tried again, or come by a schedule. ' +
    'Do not add "&", nohup or output redirection. Use wait_for_job instead of starting it again or polling.',
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
    // Of a job that was there already, what that one tells counts.
    const whatFor = started.ready === false ? 'ready' : 'exit';
    const isOver = isEnded(started.status) || started.status === 'held' || started.status === 'scheduled';
    const seen = isOver
      ? started
      : (await service.waitForJob(started.id, { for: whatFor, timeoutMs: given.lookMs }, context.signal)).job;
    const look = await lookAtOutput(context, seen, {}, Math.min(4000, context.maxChars));
    const known = created ? '' : 'It was there already; nothing was started.';
    return {
      text: lines(
        jobSentence(seen),
        known,
        commandSentence(seen),
        look.text === '' ? silence(seen) : look.text,
        logPaths(seen.runs.at(-1)),
        nextSentence(seen, context, look.output.next),
      ),
      data: seen,
    };
  },
});

function silence({ status, run }: Job): string {
  if (isEnded(status)) return 'It wrote nothing.';
  return run === null ? '' : 'It has written nothing so far.';
}

/** The start that is asked for, as the person is asked about it. */
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

/** The shell of the user's choice serves lines alone. */
function ofSurface(given: Input, { start }: ToolContext): ToolContext['start'] {
  const { shell, ...rest } = start;
  return shell === undefined || given.command === undefined ? rest : { ...rest, shell };
}

function folder(cwd: string | undefined, base: string | null): string {
  if (cwd !== undefined && isAbsolute(cwd)) return cwd;
  if (base !== null) return resolve(base, cwd ?? '.');
  throw new BgJobsError('invalid_request', 'cwd: no folder is open, so give an absolute path.');
}
