import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { Snapshot } from './jobModel.ts';

/** The largest page that the host gives. */
const limit = 1000;

/** What a window needs at first: all that runs or waits, and how much is finished. */
export async function loadSnapshot(service: JobService): Promise<Snapshot> {
  const jobs: Job[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = { status: 'running,waiting', limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = await service.listJobs(query);
    jobs.push(...page.jobs);
    cursor = page.cursor;
  }
  const { bySession } = await service.getMetrics();
  return { jobs, bySession };
}
