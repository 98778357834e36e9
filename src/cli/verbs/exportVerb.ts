import type { Command } from 'commander';
import type { Job, ListQuery } from '../../api/job.ts';
import { jobPages } from '../../api/jobPages.ts';
import { safeJson } from '../../text/grammar.ts';
import { write, type Context } from '../base/context.ts';
import { offering, sessionOption } from '../options/offer.ts';
import { listedStates } from '../options/selection.ts';
import { field } from '../options/parse.ts';

/** Jobs in one request: what is in memory at a time, here and in the job host. */
const pageSize = 500;

interface ExportOptions extends Pick<ListQuery, 'status' | 'session' | 'tag'> {
  format: 'json' | 'csv';
}

export function addExport(program: Command, context: Context): void {
  program
    .command('export')
    .summary('print jobs as JSON lines or CSV')
    .description(
      'Print all jobs, or those that match, as JSON lines or CSV, newest first. It takes as many as there are.',
    )
    .argument('[query...]', 'only jobs that match, as in `bgjobs list`')
    .addOption(field('format', '--format <format>', 'json: one object per line', ['json', 'csv']).default('json'))
    .addOption(offering({ list: listedStates }, '--status <status,...>', 'only jobs with these statuses'))
    .addOption(sessionOption('only jobs of this session'))
    .option('--tag <key[=value]>', 'only jobs with this tag')
    .addHelpText('after', help)
    .action((words: string[], options: ExportOptions) => exportJobs(context, words, options));
}

async function exportJobs(context: Context, words: string[], { format, ...filters }: ExportOptions): Promise<void> {
  const query: ListQuery = { ...filters, limit: pageSize, ...(words.length > 0 && { q: words.join(' ') }) };
  const service = await context.stayConnected();
  if (format === 'csv') await write(context.stdout, csvLine(columns.map(([name]) => name)));
  const line = format === 'csv' ? csvOf : (job: Job): string => `${safeJson(job)}\n`;
  for await (const { jobs } of jobPages(service, query)) await write(context.stdout, jobs.map(line).join(''));
}

/** The columns of CSV. */
const columns: readonly (readonly [name: string, value: (job: Job) => string | number | null])[] = [
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['session', ({ session }) => session],
  ['status', ({ status }) => status],
  ['exitCode', ({ exitCode }) => exitCode],
  ['signal', ({ signal }) => signal],
  ['reason', ({ reason }) => reason],
  ['createdAt', ({ createdAt }) => createdAt],
  ['startedAt', ({ startedAt }) => startedAt],
  ['finishedAt', ({ finishedAt }) => finishedAt],
  ['durationMs', ({ durationMs }) => durationMs],
  ['runs', ({ runs }) => runs.length],
  ['cwd', ({ cwd }) => cwd],
  ['command', ({ command, argv }) => command ?? JSON.stringify(argv)],
  [
    'tags',
    ({ tags }) =>
      Object.entries(tags)
        .map((tag) => tag.join('='))
        .join(' '),
  ],
];

function csvOf(job: Job): string {
  return csvLine(columns.map(([, value]) => value(job)));
}

/** A line as in RFC 4180, which needs quotation marks around a value with commas, line ends or quotation marks. */
function csvLine(values: readonly (string | number | null)[]): string {
  const cells = values.map((value) => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\r\n`;
}

const help = `
Examples:
  $ bgjobs export > jobs.jsonl
  $ bgjobs export --format csv since=7d status=failed sort=-duration > failures.csv
`;
