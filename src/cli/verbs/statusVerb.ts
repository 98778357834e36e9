import type { Command } from 'commander';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import type { JobService } from '../../api/endpoints.ts';
import { commandLine, oneLine } from '../../text/grammar.ts';
import { statusPage, type Relations } from '../../text/statusPage.ts';
import { namedJobs } from '../../text/waitingText.ts';
import { terminalWording } from '../../text/wording.ts';
import { answer, type Context } from '../base/context.ts';
import { idHelp } from '../options/parse.ts';
import { painter, statusStyle } from '../render/paint.ts';
import { table } from '../render/table.ts';

/** Of a schedule. */
const shownCreated = 5;

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
      const relations = options.json ? undefined : await relationsOf(service, job);
      await answer(context, options, job, () => describeJob(context, job, Date.now(), relations));
    });
}

/** Two columns: labels and texts. */
export function describeJob(context: Context, job: Job, now: number, relations?: Relations): string {
  const page = statusPage(job, terminalWording(now), relations && { relations });
  const head: [string, string][] = job.name === null ? [] : [['Name', oneLine(job.name)]];
  const rows = [...head, ['Command', commandLine(job)] as const, ...page];
  return table(
    rows.map(([label, text]) => [
      { text: label, style: 'dim' },
      label === 'Status' ? { text, style: statusStyle[job.status] } : { text },
    ]),
    painter(context.stdout, context.env),
  );
}

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
