import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';

export const shownDependencies = 20;
const shownMade = 5;

/** Other jobs that say more about one. */
export interface Relatives {
  /** Those that come first, by id; null: removed; not here: not looked at. */
  needed: ReadonlyMap<string, Job | null>;
  /** What a schedule has made last, newest first. */
  made: readonly Job[];
}

export async function relativesOf(service: JobService, job: Job): Promise<Relatives> {
  const ids = job.dependsOn.slice(0, shownDependencies).map((dependency) => dependency.job);
  const [needed, made] = await Promise.all([
    Promise.all(ids.map(async (id) => [id, await find(service, id)] as const)),
    job.options.cron === null ? [] : lastMade(service, job.id),
  ]);
  return { needed: new Map(needed), made };
}

async function lastMade(service: JobService, schedule: string): Promise<Job[]> {
  return (await service.listJobs({ schedule, limit: shownMade })).jobs;
}

async function find(service: JobService, id: string): Promise<Job | null> {
  try {
    return await service.getJob(id);
  } catch (error) {
    if (error instanceof BgJobsError && error.code === 'job_not_found') return null;
    throw error;
  }
}
