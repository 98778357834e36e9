import type { Observed } from './dependencies.ts';
import type { Store } from '../../store/store.ts';

/** What of a job decides about those that depend on it; undefined when it is no more. */
export function observe(store: Store, jobId: string): Observed | undefined {
  const job = store.jobs.byId(jobId);
  if (!job) return undefined;
  const run = job.run === null ? undefined : store.runs.byNumber(job.row, job.run);
  return {
    status: job.status,
    started: run !== undefined && run.errorCode === null,
    ready: !run ? 'open' : run.readyAt !== null ? 'yes' : run.notReadyAt !== null ? 'no' : 'open',
  };
}
