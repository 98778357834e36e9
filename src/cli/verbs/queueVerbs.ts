import { Argument, type Command } from 'commander';
import type { Queue } from '../../api/control.ts';
import type { Limits, Metrics } from '../../api/host.ts';
import type { Job } from '../../api/job.ts';
import { directions, type Direction } from '../../api/values.ts';
import { commandLine, oneLine, plural } from '../../text/grammar.ts';
import { limitsText, terminalWording, waitingText } from '../../text/stateText.ts';
import { answer, usageError, type Context, type Json } from '../base/context.ts';
import { painter, table } from '../base/table.ts';
import { jobArgument, sessionOption } from '../options/offer.ts';

export function addQueue(program: Command, context: Context): void {
  const queue = program
    .command('queue')
    .summary('show waiting jobs; pause and resume the queue')
    .description('Show waiting jobs: first those that are ready to start, in order; then those that are not ready yet.')
    .enablePositionalOptions()
    .option('--json', 'print {paused, pausedSessions, jobs}')
    .action(async (options: Json) => {
      const service = await context.connect();
      const found = await service.getQueue();
      const [{ limits }, counts] = await Promise.all([service.getHost(), service.getMetrics()]);
      await answer(context, options, found, () => describeQueue(context, found, limits, counts));
    });
  addControl('pause', 'pauseQueue', 'Start no more jobs. Running jobs continue.');
  addControl('resume', 'resumeQueue', 'Start waiting jobs again.');

  function addControl(name: string, act: 'pauseQueue' | 'resumeQueue', description: string): void {
    queue
      .command(name)
      .description(description)
      .addOption(sessionOption('only the queue of this session'))
      .option('--json', 'print the queue as JSON')
      .action(async ({ json, ...request }: Json & { session?: string }) => {
        const after = await (await context.connect())[act](request);
        await answer(context, { json }, after, () => pausedLines(after).join('\n') || 'The queue is running.');
      });
  }
}

function describeQueue(context: Context, queue: Queue, limits: Limits, { concurrency, byStatus }: Metrics): string {
  const waiting = plural(queue.jobs.length, 'job waits', 'jobs wait');
  const counts = `${waiting}, ${byStatus.held} held, ${concurrency.current} running; ${limitsText(limits)}.`;
  const head = [...pausedLines(queue).map((line) => painter(context)('yellow', line)), counts];
  if (queue.jobs.length === 0) return head.join('\n');
  const now = Date.now();
  const rows = queue.jobs.map((job) => queueRow(job, now));
  return [...head, table(context, ['ID', 'SESSION', 'PRIORITY', 'JOB', 'WHY'], rows)].join('\n');
}

function pausedLines({ paused, pausedSessions }: Queue): string[] {
  return [
    ...(paused ? ['The queue is paused. No job starts until `bgjobs queue resume`.'] : []),
    ...pausedSessions.map((session) => `The queue of session ${oneLine(session)} is paused.`),
  ];
}

const longestJob = 30;

function queueRow(job: Job, now: number): string[] {
  const title = job.name === null ? commandLine(job) : oneLine(job.name);
  const shown = title.length <= longestJob ? title : `${title.slice(0, longestJob - 1)}…`;
  const why = waitingText(job, terminalWording(now)) || 'starts next';
  return [job.shortId, oneLine(job.session), String(job.priority), shown, why];
}

export function addMove(program: Command, context: Context): void {
  program
    .command('move')
    .summary('move a job within the queue')
    .description('Move a job among the jobs of its session that are ready to start. `bgjobs queue` shows the order.')
    .addArgument(jobArgument('<id>', { status: 'pending' }))
    .addArgument(
      new Argument('<place>', 'one step up or down, to either end, or before another job').choices([
        ...directions,
        'before',
      ]),
    )
    .addArgument(jobArgument('[other]', { status: 'pending' }))
    .option('--json', 'print the job as JSON')
    .action(async (id: string, place: keyof typeof moves, before: string | undefined, options: Json) => {
      if ((place === 'before') !== (before !== undefined)) {
        throw usageError('specify a second job after "before", and only there');
      }
      const where = place === 'before' ? { before: before! } : { to: place };
      const job = await (await context.connect()).moveJob(id, where);
      const text = `${job.shortId} moved ${moves[place]}${before === undefined ? '' : ` ${before}`}`;
      await answer(context, options, job, () => `${text}  ${commandLine(job)}`);
    });
}

const moves: Record<Direction | 'before', string> = {
  up: 'up',
  down: 'down',
  first: 'to the front',
  last: 'to the end',
  before: 'before',
};
