import { Argument, InvalidArgumentError, type Command } from 'commander';
import type { Queue } from '../../api/control.ts';
import type { Limits, Metrics } from '../../api/host.ts';
import type { Job } from '../../api/job.ts';
import { type Direction, directions } from '../../api/values.ts';
import { capitalized, commandLine, oneLine, plural } from '../../text/grammar.ts';
import { limitsText, waitingText } from '../../text/waitingText.ts';
import { terminalWording } from '../../text/wording.ts';
import { answer, note, type Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { idHelp, parseCount } from '../options/parse.ts';
import { painter } from '../render/paint.ts';
import { table } from '../render/table.ts';

export function addQueue(program: Command, context: Context): void {
  const queue = program
    .command('queue')
    .summary('show waiting jobs; pause and resume the queue')
    .description('Show waiting jobs: first those that are ready to start, in order; then those that are not ready yet.')
    .enablePositionalOptions()
    .option('--json', 'print {paused, pausedSessions, jobs}')
    .action(async (options: { json?: boolean }) => {
      const service = await context.connect();
      const found = await service.getQueue();
      const [{ limits }, counts] = await Promise.all([service.getHost(), service.getMetrics()]);
      await answer(context, options, found, () => describe(context, found, limits, counts));
    });
  addControl(queue, context, 'pause');
  addControl(queue, context, 'resume');
}

function addControl(queue: Command, context: Context, act: 'pause' | 'resume'): void {
  queue
    .command(act)
    .description(act === 'pause' ? 'Start no more jobs. Running jobs continue.' : 'Start waiting jobs again.')
    .option('--session <name>', 'only the queue of this session')
    .option('--json', 'print the queue as JSON')
    .action(async ({ json, session }: { json?: boolean; session?: string }) => {
      const service = await context.connect();
      const request = definedOnly({ session });
      const after = act === 'pause' ? await service.pauseQueue(request) : await service.resumeQueue(request);
      await answer(
        context,
        definedOnly({ json }),
        after,
        () => pausedLines(after).join('\n') || 'The queue is running.',
      );
    });
}

function describe(context: Context, queue: Queue, limits: Limits, { concurrency, byStatus }: Metrics): string {
  const paint = painter(context.stdout, context.env);
  const waiting = plural(queue.jobs.length, 'job waits', 'jobs wait');
  const counts = `${waiting}, ${byStatus.held} held, ${concurrency.current} running; ${limitsText(limits)}.`;
  const head = [...pausedLines(queue).map((line) => paint('yellow', line)), counts];
  if (queue.jobs.length === 0) return head.join('\n');
  const wording = terminalWording(Date.now());
  const rows = [heading, ...queue.jobs.map((job) => row(job, waitingText(job, wording) || 'starts next'))];
  return [...head, table(rows, paint, context.stdout.columns)].join('\n');
}

function pausedLines({ paused, pausedSessions }: Queue): string[] {
  return [
    ...(paused ? ['The queue is paused. No job starts until `bgjobs queue resume`.'] : []),
    ...pausedSessions.map((session) => `The queue of session ${oneLine(session)} is paused.`),
  ];
}

const heading = ['ID', 'SESSION', 'PRIORITY', 'JOB', 'WHY'].map((text) => ({ text, style: 'bold' }) as const);

const longestJob = 30;

function row(job: Job, why: string) {
  const title = job.name === null ? commandLine(job) : oneLine(job.name);
  return [
    { text: job.shortId },
    { text: oneLine(job.session) },
    { text: String(job.priority) },
    { text: title.length <= longestJob ? title : `${title.slice(0, longestJob - 1)}…` },
    { text: why },
  ];
}

export function addMove(program: Command, context: Context): void {
  program
    .command('move')
    .summary('move a job within the queue')
    .description('Move a job among the jobs of its session that are ready to start. `bgjobs queue` shows the order.')
    .argument('<id>', idHelp)
    .addArgument(new Argument('<place>', 'one step up or down, or to either end').choices(directions))
    .option('--json', 'print the job as JSON')
    .action(async (id: string, to: Direction, options: { json?: boolean }) => {
      const job = await (await context.connect()).moveJob(id, { to });
      await answer(context, options, job, () => `${job.shortId} moved ${moves[to]}  ${commandLine(job)}`);
    });
}

const moves: Record<Direction, string> = { up: 'up', down: 'down', first: 'to the front', last: 'to the end' };

export function addLimits(program: Command, context: Context): void {
  program
    .command('limits')
    .summary('show or change how many jobs can run at the same time')
    .description(
      'Show or change how many jobs can run at the same time. Changes apply at once and persist. 0 means no limit.',
    )
    .option('--max <n>', 'limit for all jobs together', parseCount)
    .option('--max-per-session <n>', 'limit for each session', parseCount)
    .option('--session <name=n>', 'limit for this session; NAME= removes it (can be repeated)', collectLimit)
    .option('--json', 'print {maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits}')
    .addHelpText('after', limitsHelp)
    .action((options: LimitsOptions) => limits(context, options));
}

interface LimitsOptions {
  max?: number;
  maxPerSession?: number;
  session?: SessionLimits;
  json?: boolean;
}

/** By session; null removes a limit. */
type SessionLimits = Record<string, number | null>;

async function limits(context: Context, options: LimitsOptions): Promise<void> {
  const service = await context.connect();
  const update = definedOnly({
    maxConcurrentJobs: options.max,
    maxConcurrentJobsPerSession: options.maxPerSession,
    sessionLimits: options.session,
  });
  const isChange = Object.keys(update).length > 0;
  const { limits: after } = isChange ? await service.updateHost(update) : await service.getHost();
  await answer(context, options, after, () => `${capitalized(limitsText(after))}.`);
  if (update.maxConcurrentJobs !== undefined && update.maxConcurrentJobs !== after.maxConcurrentJobs) {
    await note(
      context,
      '--max has no effect: the job host was started with BGJOBS_MAX_CONCURRENT_JOBS. Restart it without (bgjobs host).',
    );
  }
}

/** Collects a repeated `--session NAME=N`. */
function collectLimit(text: string, before: SessionLimits = {}): SessionLimits {
  const equals = text.lastIndexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('Use NAME=N, or NAME= to remove the limit.');
  const limit = text.slice(equals + 1);
  return { ...before, [text.slice(0, equals)]: limit === '' ? null : parseCount(limit) };
}

const limitsHelp = `
Limits that are set in an editor apply again when that editor connects.

Examples:
  $ bgjobs limits
  $ bgjobs limits --max 4 --session nightly=1
`;
