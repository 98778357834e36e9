import type { Job } from '../../api/job.ts';

/** Does the same with several jobs at once. One failure does not keep the others from it; it is thrown when all are done. */
export async function together<T>(jobs: readonly Job[], action: (job: Job) => Promise<T>): Promise<T[]> {
  const results = await Promise.allSettled(jobs.map(action));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}
