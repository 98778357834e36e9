import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import type { Job, JobList, ListQuery } from '../../api/job.ts';
import { note, printJson, write, type Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { parseCount } from '../options/parse.ts';
import { painter, statusStyle } from '../render/paint.ts';
import { stateWord } from '../../text/waitingText.ts';
import { exitWord } from '../../text/endText.ts';
import { commandLine, oneLine, plural } from '../../text/grammar.ts';
import { ago, duration, elapsed } from '../../text/timeText.ts';
import { table } from '../render/table.ts';

export function addList(program: Command, context: Context): void {
  program
    .command('list')
    .alias('ls')
    .summary('list jobs')
    .description('List jobs, newest first.')
    .option('--status <status,...>', 'only these states: running, waiting, finished, or exact ones such as timed_out')
    .option('--session <name>', 'only jobs of this session')
    .option('--tag <key[=value]>', 'only jobs with this tag')
    .option('--schedule <id>', 'only jobs started by this schedule')
    .option('--limit <n>', 'list at most n jobs (default 100)', parseCount)
    .option('--json', 'print {jobs, total, cursor}')
    .action((options: Options) => list(context, options));
}

interface Options {
  status?: string;
  session?: string;
  tag?: string;
  schedule?: string;
  limit?: number;
  json?: boolean;
}

async function list(context: Context, { json, limit, ...filters }: Options): Promise<void> {
  const found = await collect(await context.connect(), definedOnly(filters), limit ?? 100);
  if (json) return printJson(context, found);
  if (found.jobs.length === 0) return note(context, 'no jobs');
  const paint = painter(context.stdout, context.env);
  const now = Date.now();
  const rows = [heading, ...found.jobs.map((job) => row(job, now))];
  await write(context.stdout, `${table(rows, paint, context.stdout.columns)}\n`);
  const more = found.total - found.jobs.length;
  if (more > 0) await note(context, `${plural(more, 'older job is', 'older jobs are')} not shown (see --limit)`);
}

/** Pages: the host returns at most 1,000 jobs at a time. */
async function collect(service: JobService, filters: ListQuery, limit: number): Promise<JobList> {
  const first = await service.listJobs({ ...filters, limit: Math.min(limit, 1000) });
  let { cursor } = first;
  const jobs = [...first.jobs];
  while (cursor !== null && jobs.length < limit) {
    const page = await service.listJobs({ ...filters, cursor, limit: Math.min(limit - jobs.length, 1000) });
    jobs.push(...page.jobs);
    cursor = page.cursor;
  }
  return { jobs, total: first.total, cursor };
}

const heading = ['ID', 'STATUS', 'EXIT', 'SESSION', 'CREATED', 'ELAPSED', 'JOB'].map(
  (text) => ({ text, style: 'bold' }) as const,
);

function row(job: Job, now: number) {
  const lasted = elapsed(job, now);
  return [
    { text: job.shortId },
    { text: stateWord(job, now), style: statusStyle[job.status] },
    { text: exitWord(job) },
    { text: oneLine(job.session) },
    { text: ago(job.createdAt, now) },
    { text: lasted === null ? '' : duration(lasted) },
    { text: job.name === null ? commandLine(job) : oneLine(job.name) },
  ];
}
