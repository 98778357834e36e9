import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { JobEvent } from '../../api/events.ts';
import type { Inspection, LiveProcess } from '../../api/inspection.ts';
import type { Job } from '../../api/job.ts';
import { agentOutcome } from '../../text/agentOutcome.ts';
import { bytes, commandLine, oneLine } from '../../text/grammar.ts';
import { statusPage, type PageOptions, type Relations } from '../../text/statusPage.ts';
import { duration } from '../../text/timeText.ts';
import { namedJobs, shortId, terminalWording } from '../../text/stateText.ts';
import { answer, type Context, definedOnly, type Json, note, printJson, usageError, write } from '../base/context.ts';
import { labelled, painter, statusStyle, table } from '../base/table.ts';
import { jobArgument, offering } from '../options/offer.ts';
import { parseCount } from '../options/parse.ts';
import type { FileOptions } from './projectStatus.ts';

export function addStatus(program: Command, context: Context): void {
  program
    .command('status')
    .summary('show everything about a job, or the jobs of a file')
    .description(
      'Show everything about a job. Without an id, show the jobs of bgjobs.yaml, or another file that `bgjobs up` reads, in ' +
        'this folder or above it.',
    )
    .addArgument(jobArgument('[id]'))
    .addOption(offering('files', '--file <file>', 'without an id: show the jobs of this file'))
    .option('--json', 'print the job as JSON, without an id {session, file, jobs, differences}')
    .action(async (id: string | undefined, { json, file }: FileOptions) => {
      if (id === undefined)
        return (await import('./projectStatus.ts')).showProject(context, definedOnly({ json, file }));
      if (file !== undefined) throw usageError('give an id or --file, not both');
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
