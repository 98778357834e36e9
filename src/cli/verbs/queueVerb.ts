import type { Command } from 'commander';
import type { Queue } from '../../api/control.ts';
import type { Limits, Metrics } from '../../api/host.ts';
import type { Job } from '../../api/job.ts';
import { answer, type Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { painter } from '../render/paint.ts';
import { table } from '../render/table.ts';
import { limitsSentence } from '../../text/limitText.ts';
import { waitingPhrase } from '../../text/jobText.ts';
import { commandLine, oneLine, plural } from '../../text/grammar.ts';
import { fromNow } from '../../text/timeText.ts';

const longestJob = 30;

export function addQueue(program: Command, context: Context): void {
  const queue = program
    .command('queue')
    .summary('show what waits and why, pause and resume')
    .description(
      'Show the jobs that wait: first those that may start, in their order; then those for which it is too early.',
    )
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
  const what = act === 'pause' ? 'Start nothing more. What runs goes on.' : 'Start again what waits.';
  queue
    .command(act)
    .description(what)
    .option('--session <name>', 'of this session alone')
    .option('--json', 'print the queue')
    .action(async ({ json, session }: { json?: boolean; session?: string }) => {
      const service = await context.connect();
      const request = definedOnly({ session });
      const after = act === 'pause' ? await service.pauseQueue(request) : await service.resumeQueue(request);
      await answer(context, definedOnly({ json }), after, () => pausedLines(after).join('\n') || 'The queue goes on.');
    });
}

function describe(context: Context, queue: Queue, limits: Limits, { concurrency, byStatus }: Metrics): string {
  const paint = painter(context.stdout, context.env);
  const waiting = plural(queue.jobs.length, 'job waits', 'jobs wait');
  const counts = `${waiting}, ${byStatus.held} held, ${concurrency.current} running; ${limitsSentence(limits)}.`;
  const head = [...pausedLines(queue).map((line) => paint('yellow', line)), counts];
  if (queue.jobs.length === 0) return head.join('\n');
  const tell = fromNow(Date.now());
  const rows = [
    heading,
    ...queue.jobs.map((job) => row(job, waitingPhrase(job, tell).replace(/^waits /, '') || 'starts next')),
  ];
  return [...head, table(rows, paint, context.stdout.columns)].join('\n');
}

/** What keeps jobs from starting until somebody says otherwise. */
function pausedLines({ paused, pausedSessions }: Queue): string[] {
  return [
    ...(paused ? ['The queue is paused: nothing starts until `bgjobs queue resume`.'] : []),
    ...pausedSessions.map((session) => `The queue of session ${oneLine(session)} is paused.`),
  ];
}

const heading = ['ID', 'SESSION', 'PRIORITY', 'JOB', 'WHY'].map((text) => ({ text, style: 'bold' }) as const);

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
