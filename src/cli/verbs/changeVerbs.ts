import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import type { Change } from '../../api/values.ts';
import { commandLine } from '../../text/grammar.ts';
import { definedOnly, eachId, eachResult, note, usageError, type Context, type Json } from '../base/context.ts';
import { painter, statusStyle } from '../base/table.ts';
import { jobArgument, type OfferedJobs } from '../options/offer.ts';
import { addSelection, selectionOf, type SelectionOptions } from '../options/selection.ts';

interface JobVerb {
  readonly summary: string;
  readonly description: string;
  /** The jobs for which it does something. */
  readonly of: OfferedJobs;
  readonly options?: readonly [flags: string, description: string][];
  readonly act: (service: JobService, id: string, context: Context, options: { failed?: true }) => Promise<Job>;
  /** Printed instead of the job's status. */
  readonly done?: string;
}

/** The verbs that do one thing to each of several jobs. */
const jobVerbs = {
  pause: {
    summary: 'pause running jobs',
    description: 'Pause running jobs (SIGSTOP). They still count as running and keep their memory.',
    of: { status: 'starting,running' },
    act: (service, id) => service.pauseJob(id),
  },
  resume: {
    summary: 'resume paused jobs',
    description: 'Resume paused jobs (SIGCONT).',
    of: { status: 'paused' },
    act: (service, id) => service.resumeJob(id),
  },
  restart: {
    summary: 'run jobs again',
    description:
      'Run jobs again with the same options, as a new run with its own logs. Running jobs are stopped first. Environment ' +
      'variables that the job does not set itself are taken from this command.',
    of: {},
    options: [['--failed', 'of an array, only the tasks that ended without completing']],
    act: (service, id, { env }, { failed = false }) =>
      service.restartJob(id, { inheritEnv: definedOnly(env), ...(failed && { failed }) }),
  },
  hold: {
    summary: 'keep waiting jobs from starting',
    description: 'Keep waiting jobs from starting until they are released. A held schedule starts no jobs.',
    of: { status: 'scheduled,pending' },
    act: (service, id) => service.holdJob(id),
  },
  release: {
    summary: 'let held jobs start, or scheduled jobs start now',
    description:
      'Let held jobs start. Jobs that wait for their time start now; a schedule starts an additional job now.',
    of: { status: 'held,scheduled,pending' },
    act: (service, id) => service.releaseJob(id),
  },
  remove: {
    summary: 'remove finished or held jobs and their logs',
    description: 'Remove jobs and their logs. Only finished or held jobs can be removed.',
    of: { status: 'finished,held' },
    act: (service, id) => service.removeJob(id),
    done: 'removed',
  },
} satisfies Record<Change, JobVerb>;

type Options = Json & SelectionOptions & { failed?: true };

/** @returns what adds the verb to a program */
export function jobVerb(name: Change): (program: Command, context: Context) => void {
  const { summary, description, of, options: more = [] }: JobVerb = jobVerbs[name];
  return (program, context) => {
    const verb = program
      .command(name)
      .summary(summary)
      .description(description)
      .addArgument(jobArgument('[id...]', of));
    for (const [flags, help] of more) verb.option(flags, help);
    addSelection(verb, `${name} all jobs`);
    verb
      .option('--json', 'print the job as JSON; for several jobs {results: [...]}')
      .action((ids: string[], options: Options) => change(context, name, ids, options));
  };
}

async function change(context: Context, name: Change, ids: string[], options: Options): Promise<void> {
  const { act, done }: JobVerb = jobVerbs[name];
  const selection = selectionOf(ids, options);
  if (selection && options.failed) throw usageError('--failed requires ids of arrays');
  const service = await context.connect();
  const describe = (job: Job): string =>
    `${job.shortId} ${painter(context)(statusStyle[job.status], done ?? job.status)}  ${commandLine(job)}`;
  if (!selection) return eachId(context, ids, options, (id) => act(service, id, context, options), describe);
  const inherited = name === 'restart' && { inheritEnv: definedOnly(context.env) };
  const { results } = await service.changeJobs({ action: name, ...selection, ...inherited });
  const jobs = results.map(
    ({ job, error }) => job ?? BgJobsError.fromBody({ error }) ?? new BgJobsError('internal', JSON.stringify(error)),
  );
  if (jobs.length === 0 && !options.json) return note(context, `no jobs to ${name}`);
  await eachResult(context, jobs, options, describe);
}
