import type { Command } from 'commander';
import type { Job, Run } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { answer, type Context } from '../base/context.ts';
import { idHelp } from '../options/parse.ts';
import { painter, statusStyle } from '../render/paint.ts';
import { endedSentence, stateSentence } from '../../text/jobText.ts';
import { optionsText } from '../../text/jobOptions.ts';
import { bytes, commandLine, oneLine, plural } from '../../text/grammar.ts';
import { ago, duration, elapsed, fromNow } from '../../text/timeText.ts';
import { relativesOf, type Relatives } from '../render/relatives.ts';
import { schedulingRows } from '../render/schedulingColumns.ts';
import { table, type Cell } from '../render/table.ts';

export function addStatus(program: Command, context: Context): void {
  program
    .command('status')
    .summary('show everything about a job')
    .description('Show everything about a job.')
    .argument('<id>', idHelp)
    .option('--json', 'print the job as JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      const service = await context.connect();
      const job = await service.getJob(id);
      const relatives = options.json ? undefined : await relativesOf(service, job);
      await answer(context, options, job, () => describeJob(context, job, Date.now(), relatives));
    });
}

const noRelatives: Relatives = { needed: new Map(), made: [] };

/** Two columns: what, and how it is. What is not known or not set is left out. */
export function describeJob(context: Context, job: Job, now: number, relatives = noRelatives): string {
  const paint = painter(context.stdout, context.env);
  const lines: [label: string, cell: Cell | null][] = [
    ['Job', { text: job.id, style: 'bold' }],
    ['Name', text(job.name)],
    ['Status', { text: stateSentence(job, now, fromNow(now)), style: statusStyle[job.status] }],
    ['Command', { text: commandLine(job) }],
    ['Agent', text(agent(job))],
    ['Folder', text(job.cwd)],
    ['Session', text(job.session)],
    ['Tags', text(pairs(job.tags))],
    ...schedulingRows(job, relatives, now).map(([label, text]): [string, Cell] => [label, { text }]),
    ['Created', { text: `${job.createdAt} (${ago(job.createdAt, now)})` }],
    ['Started', job.startedAt === null ? null : { text: `${job.startedAt} (${ago(job.startedAt, now)})` }],
    ['Finished', job.finishedAt === null ? null : { text: `${job.finishedAt} (${ago(job.finishedAt, now)})` }],
    ['Ready', text(readiness(job))],
    ['Address', text(job.url)],
    ['Options', text(optionsText(job))],
    ...job.leftovers.map(({ pid, command }): [string, Cell] => ['Remains', { text: `${pid} ${oneLine(command)}` }]),
    ...job.runs.map((run): [string, Cell] => [`Run ${run.number}`, { text: describeRun(run, now) }]),
    ...logs(job.runs.at(-1)),
  ];
  const rows = lines.filter((line): line is [string, Cell] => line[1] !== null);
  return table(
    rows.map(([label, cell]) => [{ text: label, style: 'dim' }, cell]),
    paint,
  );
}

function agent({ codingAgent }: Job): string | null {
  if (!codingAgent) return null;
  const { name, model, continues } = codingAgent;
  return [name, model ?? '', continues === null ? '' : `continues ${continues.slice(0, 8)}`]
    .filter((part) => part !== '')
    .join(', ');
}

function readiness({ ready, readyText }: Job): string | null {
  if (ready === null) return null;
  return [ready ? 'yes' : 'no', readyText ?? ''].filter((part) => part !== '').join(', ');
}

function text(value: string | null): Cell | null {
  return value === null || value === '' ? null : { text: oneLine(value) };
}

function describeRun(run: Run, now: number): string {
  const lasted = elapsed(run, now);
  return [
    isEnded(run.status) ? endedSentence(run) : run.status,
    lasted === null ? '' : duration(lasted),
    `${plural(run.stdoutBytes, 'byte')} out, ${run.stderrBytes} err`,
    run.maxMemoryBytes === null ? '' : `at most ${bytes(run.maxMemoryBytes)} in memory`,
    run.droppedBytes === 0 ? '' : `${run.droppedBytes} dropped by --max-log`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function logs(run: Run | undefined): [string, Cell][] {
  const paths = run ? [run.logs.stdout, run.logs.stderr] : [];
  return paths.flatMap((path): [string, Cell][] => (path === null ? [] : [['Log', { text: path }]]));
}

function pairs(tags: Record<string, string>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
