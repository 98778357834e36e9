import type { KillResult } from '../api/control.ts';
import type { JobService } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';
import type { Job } from '../api/job.ts';
import { allJobs } from '../api/jobPages.ts';
import { composeTags, fileTag } from './project.ts';
import { jobIfThere } from './up.ts';

/**
 * Stops the jobs that were started from a file, each before those that it depends on. The file itself is not read: jobs
 * that it does not describe any more are stopped as well.
 * @param names only these
 * @throws BgJobsError `invalid_request` if none of that name runs
 */
export async function down(service: JobService, file: string, names: readonly string[]): Promise<KillResult[]> {
  const running = await allJobs(service, {
    tag: `${composeTags.file}=${fileTag(file)}`,
    status: 'running,waiting',
  });
  const missing = names.find((name) => !running.some((job) => job.name === name));
  if (missing !== undefined) {
    const known = [...new Set(running.map(({ name }) => name))].join(', ') || 'none';
    throw new BgJobsError('invalid_request', `No job "${missing}" of ${file} runs. These do: ${known}.`);
  }
  let left = running.filter(({ name }) => names.length === 0 || names.includes(name ?? ''));
  const needs = await allNeeds(service, left);
  const results: KillResult[] = [];
  while (left.length > 0) {
    const needed = new Set(left.flatMap(({ id }) => [...(needs.get(id) ?? [])]));
    // A schedule is stopped before it starts another job.
    const free = left.filter(({ id }) => !needed.has(id));
    const first = free.length > 0 ? free : left;
    results.push(...(await Promise.all(first.map(({ id }) => service.killJob(id)))));
    left = left.filter((job) => !first.includes(job));
  }
  return results;
}

/** The ids of all that each job depends on, also by way of others that have ended. */
async function allNeeds(service: JobService, jobs: readonly Job[]): Promise<Map<string, Set<string>>> {
  const known = new Map(jobs.map((job) => [job.id, job] as const));
  const needsOf = async (job: Job): Promise<Set<string>> => {
    const needs = new Set(job.dependsOn.map((one) => one.job));
    // The loop also comes to those that are added on the way.
    for (const id of needs) {
      const one = known.get(id) ?? (await jobIfThere(service, id));
      if (!one) continue;
      known.set(id, one);
      for (const next of one.dependsOn) if (next.job !== job.id) needs.add(next.job);
    }
    return needs;
  };
  const entries: [string, Set<string>][] = [];
  for (const job of jobs) entries.push([job.id, await needsOf(job)]);
  return new Map(entries);
}
