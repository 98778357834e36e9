import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { JobEvent } from '../../api/events.ts';
import type { Inspection, LiveProcess } from '../../api/inspection.ts';
import type { Job, JobList, ListQuery } from '../../api/job.ts';
import { exitWord } from '../../text/endText.ts';
import { agentOutcome } from '../../text/agentOutcome.ts';
import { bytes, commandLine, oneLine, plural } from '../../text/grammar.ts';
import { statusPage, type PageOptions, type Relations } from '../../text/statusPage.ts';
import { ago, duration, elapsed } from '../../text/timeText.ts';
import { namedJobs, shortId, stateWord, terminalWording } from '../../text/stateText.ts';
import { answer, note, printJson, write, type Context, type Json } from '../base/context.ts';
import { labelled, painter, statusStyle, table } from '../base/table.ts';
import { jobArgument, offering, sessionOption } from '../options/offer.ts';
import { parseCount } from '../options/parse.ts';
import { listedStates } from '../options/selection.ts';

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
    .option('--json', 'print {jobs, total, cursor}')
    .addHelpText('after', listHelp)
    .action(async (words: string[], { json, limit = 100, ...given }: Json & ListQuery & { limit?: number }) => {
      const filters = words.length === 0 ? given : { ...given, q: words.join(' ') };
      const found = await collect(await context.connect(), filters, limit);
      if (json) return printJson(context, found);
      if (found.jobs.length === 0) return note(context, 'no jobs');
      const now = Date.now();
      const heading = ['ID', 'STATUS', 'EXIT', 'SESSION', 'CREATED', 'ELAPSED', 'JOB'];
      await write(
        context.stdout,
        `${table(
          context,
          heading,
          found.jobs.map((job) => listRow(job, now)),
        )}\n`,
      );
      const more = found.total - found.jobs.length;
      const isTasks = given.array !== undefined;
      const what = isTasks
        ? plural(more, 'more task is', 'more tasks are')
        : plural(more, 'older job is', 'older jobs are');
      if (more > 0) await note(context, `${what} not shown (see --limit)`);
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

export function addStatus(program: Command, context: Context): void {
  program
    .command('status')
    .summary('show everything about a job')
    .description('Show everything about a job.')
    .addArgument(jobArgument('<id>'))
    .option('--json', 'print the job as JSON')
    .action(async (id: string, { json }: Json) => {
      const service = await context.connect();
      const job = await service.getJob(id);
      if (json) return printJson(context, job);
      const relations = await relationsOf(service, job);
      const outcome = await agentOutcome(service, job);
      await write(context.stdout, `${describeJob(context, job, { relations, outcome })}\n`);
    });
}

function describeJob(context: Context, job: Job, about: PageOptions = {}): string {
  const page = statusPage(job, terminalWording(Date.now()), about);
  const head = job.name === null ? [] : [['Name', oneLine(job.name)] as const];
  return labelled(context, [
    ...head,
    ['Command', commandLine(job)],
    ...page.map(
      ([label, text]) => [label, label === 'Status' ? ([text, statusStyle[job.status]] as const) : text] as const,
    ),
  ]);
}

/** Of a schedule. */
const shownCreated = 5;

async function relationsOf(service: JobService, job: Job): Promise<Relations> {
  const ids = job.dependsOn.slice(0, namedJobs).map((dependency) => dependency.job);
  const [needed, { jobs: created }] = await Promise.all([
    Promise.all(ids.map(async (id) => [id, await find(service, id)] as const)),
    job.options.cron === null ? { jobs: [] } : service.listJobs({ schedule: job.id, limit: shownCreated }),
  ]);
  return { known: new Map(needed), created };
}

/** @returns null when it was removed */
async function find(service: JobService, id: string): Promise<Job | null> {
  try {
    return await service.getJob(id);
  } catch (error) {
    if (error instanceof BgJobsError && error.code === 'job_not_found') return null;
    throw error;
  }
}

export function addInspect(program: Command, context: Context): void {
  program
    .command('inspect')
    .summary('show the running processes of a job')
    .description(
      'Show the running processes of a job, oldest first. CPU is measured over half a second, in percent of one core.',
    )
    .addArgument(jobArgument('<id>', { status: 'running' }))
    .option('--json', 'print the processes as JSON')
    .action(async (id: string, { json }: Json) => {
      const inspection = await (await context.connect()).inspectJob(id);
      await (json ? printJson(context, inspection) : showProcesses(context, inspection, Date.now()));
    });
}

async function showProcesses(context: Context, inspection: Inspection, now: number): Promise<void> {
  const { status, processes, leftovers, totals } = inspection;
  if (totals.processes === 0) return note(context, `the job is ${status} and has no running processes`);
  if (leftovers.length > 0) await note(context, `the job is ${status}; its main process has ended`);
  const heading = ['PID', 'PPID', 'STATE', 'CPU', 'MEMORY', 'THREADS', 'FILES', 'ELAPSED', 'COMMAND'];
  const rows = [...processes, ...leftovers].map((process) => processRow(process, now));
  if (rows.length > 1) rows.push(['total', '', '', ...usage(totals), '', '']);
  await write(context.stdout, `${table(context, heading, rows)}\n`);
}

function processRow(process: LiveProcess, now: number): string[] {
  const { pid, ppid, state, startedAt, command } = process;
  const lasted = startedAt === null ? unknown : duration(Math.max(0, now - Date.parse(startedAt)));
  return [String(pid), String(ppid), state ?? unknown, ...usage(process), lasted, oneLine(command)];
}

function usage({ cpu, memory, threads, files }: Pick<LiveProcess, 'cpu' | 'memory' | 'threads' | 'files'>): string[] {
  return [
    cpu === null ? unknown : `${cpu.toFixed(1)}%`,
    memory === null ? unknown : bytes(memory),
    String(threads ?? unknown),
    String(files ?? unknown),
  ];
}

const unknown = '-';

export function addEvents(program: Command, context: Context): void {
  program
    .command('events')
    .summary('show job events as they happen')
    .description('Show every change of every job as it happens, until Ctrl+C.')
    .option('--since <number>', 'replay the events after this number first; 0 replays all', parseCount)
    .addOption(offering({ jobs: {} }, '--job <id>', 'only events of this job'))
    .option('--progress', 'show the progress of running jobs too, at most once a second')
    .option('--json', 'print one JSON object per line')
    .action(async ({ json, progress, ...rest }: Json & { since?: number; job?: string; progress?: boolean }) => {
      const query = { ...rest, ...(progress && { progress: 'true' }) };
      for await (const event of context.events(query, new AbortController().signal)) {
        await answer(context, { json }, event, () => describeEvent(context, event));
      }
    });
}

function describeEvent(context: Context, event: JobEvent): string {
  const { job, reason, text } = event;
  const paint = painter(context);
  const parts = [
    paint('dim', `${event.seq} ${event.time}`),
    shortId(event.jobId),
    event.to === null ? event.type : paint(statusStyle[event.to], event.to),
    reason === null ? '' : `(${reason})`,
    text === null ? '' : oneLine(text),
    job === null ? '' : paint('dim', job.name === null ? commandLine(job) : oneLine(job.name)),
  ];
  return parts.filter((part) => part !== '').join(' ');
}
