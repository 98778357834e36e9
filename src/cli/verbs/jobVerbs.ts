import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { commandLine } from '../../text/grammar.ts';
import type { Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { eachId } from '../base/eachId.ts';
import { idsHelp } from '../options/parse.ts';
import { painter, statusStyle } from '../render/paint.ts';

interface JobVerb {
  readonly summary: string;
  readonly description: string;
  readonly act: (service: JobService, id: string, context: Context) => Promise<Job>;
  /** Printed instead of the job's status. */
  readonly done?: string;
}

/** The verbs that take ids and no options. */
const jobVerbs = {
  pause: {
    summary: 'pause running jobs',
    description: 'Pause running jobs (SIGSTOP). They still count as running and keep their memory.',
    act: (service, id) => service.pauseJob(id),
  },
  resume: {
    summary: 'resume paused jobs',
    description: 'Resume paused jobs (SIGCONT).',
    act: (service, id) => service.resumeJob(id),
  },
  restart: {
    summary: 'run jobs again',
    description:
      'Run jobs again with the same options, as a new run with its own logs. Running jobs are stopped first. Environment ' +
      'variables that the job does not set itself are taken from this command.',
    act: (service, id, { env }) => service.restartJob(id, { inheritEnv: definedOnly(env) }),
  },
  hold: {
    summary: 'keep waiting jobs from starting',
    description: 'Keep waiting jobs from starting until they are released. A held schedule starts no jobs.',
    act: (service, id) => service.holdJob(id),
  },
  release: {
    summary: 'let held jobs start, or scheduled jobs start now',
    description:
      'Let held jobs start. Jobs that wait for their time start now; a schedule starts an additional job now.',
    act: (service, id) => service.releaseJob(id),
  },
  remove: {
    summary: 'remove finished or held jobs and their logs',
    description: 'Remove jobs and their logs. Only finished or held jobs can be removed.',
    act: (service, id) => service.removeJob(id),
    done: 'removed',
  },
} satisfies Record<string, JobVerb>;

/** @returns what adds the verb to a program */
export function jobVerb(name: keyof typeof jobVerbs): (program: Command, context: Context) => void {
  const { summary, description, act, done }: JobVerb = jobVerbs[name];
  return (program, context) =>
    program
      .command(name)
      .summary(summary)
      .description(description)
      .argument('<id...>', idsHelp)
      .option('--json', 'print the job as JSON; for several ids {results: [...]}')
      .action(async (ids: string[], options: { json?: boolean }) => {
        const service = await context.connect();
        const paint = painter(context.stdout, context.env);
        const describe = (job: Job): string =>
          `${job.shortId} ${paint(statusStyle[job.status], done ?? job.status)}  ${commandLine(job)}`;
        await eachId(context, ids, options, (id) => act(service, id, context), describe);
      });
}
