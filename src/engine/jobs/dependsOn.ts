import { BgJobsError } from '../../api/errors.ts';
import type { Dependency } from '../../api/options.ts';
import { isEnded } from '../../api/values.ts';
import { findJob } from '../queries/lookup.ts';
import { findCircle } from '../queue/dependencies.ts';
import type { Store } from '../../store/store.ts';

/**
 * The dependencies with whole ids, each checked: it must be there, be able to come true, and lead to no circle.
 * @param asked the job they are of, when it is there already
 * @throws BgJobsError `invalid_request`
 */
export function resolveDependencies(store: Store, dependencies: readonly Dependency[], asked?: string): Dependency[] {
  const resolved = dependencies.map(({ job: id, condition }) => ({ job: resolve(store, id, condition), condition }));
  if (asked !== undefined) checkCircle(store, asked, resolved);
  return resolved;
}

/** @throws BgJobsError `invalid_request` when the job would wait for itself */
export function checkCircle(store: Store, jobId: string, dependsOn: readonly Dependency[]): void {
  // Of those that run as well: they may be tried again, or put back.
  const needsOf = (id: string): string[] => {
    const [job] = store.read([store.jobs.byId(id)]);
    return job && !isEnded(job.status) ? namesOf(job.spec.dependsOn) : [];
  };
  const cycle = findCircle(jobId, namesOf(dependsOn), needsOf);
  if (!cycle) return;
  const way = cycle.map((id) => id.slice(0, 8)).join(' → ');
  throw new BgJobsError('invalid_request', `dependsOn: the jobs would wait for each other: ${way}.`, { cycle });
}

function namesOf(dependsOn: readonly Dependency[]): string[] {
  return dependsOn.map(({ job }) => job);
}

function resolve(store: Store, id: string, condition: Dependency['condition']): string {
  const job = find(store, id);
  const name = `job ${job.id.slice(0, 8)}`;
  if (job.spec.cron !== undefined) {
    throw new BgJobsError(
      'invalid_request',
      `dependsOn: ${name} is a schedule, which never ends. Name a job that it made.`,
    );
  }
  if (condition === 'ready' && !job.spec.readyWhen) {
    throw new BgJobsError(
      'invalid_request',
      `dependsOn: ${name} has no readyWhen, so nobody can tell when it is ready.`,
    );
  }
  return job.id;
}

function find(store: Store, id: string): ReturnType<typeof findJob> {
  try {
    return findJob(store, id);
  } catch (error) {
    if (!(error instanceof BgJobsError)) throw error;
    throw new BgJobsError('invalid_request', `dependsOn: ${error.message}`, error.details);
  }
}
