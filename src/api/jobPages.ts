import type { JobService } from './endpoints.ts';
import type { Job, JobList, ListQuery } from './job.ts';

/** The pages of a list of jobs, one after the other as they are asked for. */
export async function* jobPages(service: Pick<JobService, 'listJobs'>, query: ListQuery): AsyncGenerator<JobList> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await service.listJobs({ ...query, ...(cursor !== undefined && { cursor }) });
    cursor = page.cursor;
    yield page;
  }
}

/** All jobs of a list, in as few requests as possible. */
export async function allJobs(service: Pick<JobService, 'listJobs'>, query: ListQuery): Promise<Job[]> {
  const all: Job[] = [];
  for await (const { jobs } of jobPages(service, { ...query, limit: 1000 })) all.push(...jobs);
  return all;
}
