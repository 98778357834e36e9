import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import type { Job, JobList, ListQuery } from '../../api/job.ts';
import { exitWord } from '../../text/endText.ts';
import { commandLine, oneLine, plural } from '../../text/grammar.ts';
import { stateWord } from '../../text/stateText.ts';
import { ago, duration, elapsed } from '../../text/timeText.ts';
import { note, printJson, usageError, write, type Context, type Json } from '../base/context.ts';
import { painter, statusStyle, table } from '../base/table.ts';
import { offering, sessionOption } from '../options/offer.ts';
import { parseCount, parseDuration } from '../options/parse.ts';
import { listedStates } from '../options/selection.ts';

interface ListOptions extends Json, ListQuery {
  limit?: number;
  watch?: true;
  interval?: number;
}

const schedules = { status: 'scheduled,held', where: ({ options }: Job): boolean => options.cron !== null };

function isArray({ array }: Job): boolean {
  return array !== null;
}

export function addList(program: Command, context: Context): void {
  const onlyStates = 'only these states: running, waiting, finished, or exact ones such as timed_out';
  program
    .command('list')
    .summary('list jobs')
    .description('List jobs, newest first, or the tasks of an array in their order.')
    .argument('[query...]', 'only jobs that match, for example: status=failed since=1h sort=-duration name~text')
    .addOption(offering({ list: listedStates }, '--status <status,...>', onlyStates))
    .addOption(sessionOption('only jobs of this session'))
    .option('--tag <key[=value]>', 'only jobs with this tag')
    .addOption(offering({ jobs: schedules }, '--schedule <id>', 'only jobs started by this schedule'))
    .addOption(offering({ jobs: { where: isArray } }, '--array <id>', 'list the tasks of this array'))
    .option('--limit <n>', 'list at most n jobs (default 100)', parseCount)
    .option('-w, --watch', 'keep showing the list as it changes, until q is pressed; requires a terminal')
    .option('--interval <duration>', 'with --watch: time between two looks (default 2s)', parseDuration)
    .option('--json', 'print {jobs, total, cursor}')
    .addHelpText('after', listHelp)
    .action(async (words: string[], { json, limit = 100, watch, interval, ...given }: ListOptions) => {
      const filters = words.length === 0 ? given : { ...given, q: words.join(' ') };
      if (watch && json) throw usageError('--json cannot be used with --watch. Use bgjobs events --json.');
      if (interval !== undefined && !watch) throw usageError('--interval requires --watch');
      if (watch) return watchList(context, filters, limit, interval);
      const found = await collect(await context.connect(), filters, limit);
      if (json) return printJson(context, found);
      if (found.jobs.length === 0) return note(context, 'no jobs');
      await write(context.stdout, `${listTable(context, found.jobs)}\n`);
      if (found.total > found.jobs.length) await note(context, `${notShown(found, filters)} (see --limit)`);
    });
}

const listHelp = `
A query has fields with = (status, session, name, tag, exit, since, before) or ~ for a part of the text (name, command,
session), @failed, @running, @waiting, @succeeded, @stopped or @finished, and other words that occur in the job.
since and before take a duration back from now or a time. sort is created, started, ended, duration, name, session,
status or exit, with - for the reverse. Quotation marks keep spaces together, and have to reach bgjobs.

Examples:
  $ bgjobs list status=failed session=api since=1h
  $ bgjobs list @failed sort=-duration
  $ bgjobs list 'name="nightly build"' before=2026-11-20
  $ bgjobs list --watch @running
`;

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

function listTable(context: Context, jobs: readonly Job[]): string {
  const now = Date.now();
  const heading = ['ID', 'STATUS', 'EXIT', 'SESSION', 'CREATED', 'ELAPSED', 'JOB'];
  return table(
    context,
    heading,
    jobs.map((job) => listRow(job, now)),
  );
}

function listRow(job: Job, now: number) {
  const lasted = elapsed(job, now);
  return [
    job.shortId,
    [stateWord(job, now), statusStyle[job.status]] as const,
    exitWord(job),
    oneLine(job.session),
    ago(job.createdAt, now),
    lasted === null ? '' : duration(lasted),
    job.name === null ? commandLine(job) : oneLine(job.name),
  ];
}

function notShown({ jobs, total }: JobList, { array }: ListQuery): string {
  const more = total - jobs.length;
  if (array !== undefined) return plural(more, 'more task is not shown', 'more tasks are not shown');
  return plural(more, 'older job is not shown', 'older jobs are not shown');
}

/** Lines of the screen without a job: the heading, an empty one, the key. */
const otherLines = 3;

async function watchList(context: Context, filters: ListQuery, limit: number, interval = 2000): Promise<void> {
  const { showLive } = await import('../base/liveScreen.ts');
  const service = await context.stayConnected();
  const lines = async (rows: number): Promise<readonly string[]> => {
    const room = Math.max(1, rows - otherLines);
    const found = await collect(service, filters, Math.min(limit, room));
    const shown = found.jobs.length === 0 ? 'no jobs' : listTable(context, found.jobs);
    const more = found.total > found.jobs.length ? `${notShown(found, filters)}  ` : '';
    return [...shown.split('\n'), '', painter(context)('dim', `${more}q leave`)];
  };
  await showLive(context, { lines }, { verb: 'bgjobs list --watch', instead: 'Use bgjobs events.' }, interval);
}
