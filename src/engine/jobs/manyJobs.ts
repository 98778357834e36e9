import type * as z from 'zod';
import type { changeManyRequest, ChangeManyResult, waitManyRequest, WaitManyResult } from '../../api/control.ts';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import { activeStatuses, endedStatuses, type Change, type JobStatus } from '../../api/values.ts';
import type { Store } from '../../store/store.ts';
import { filterOf, type Selection } from '../queries/listJobs.ts';
import { findJob } from '../queries/lookup.ts';

/** The jobs to which each does something. */
const statusesFor: Readonly<Record<Change, readonly JobStatus[]>> = {
  pause: ['starting', 'running'],
  resume: ['paused'],
  restart: [...activeStatuses, ...endedStatuses],
  hold: ['scheduled', 'pending'],
  release: ['held'],
  remove: endedStatuses,
};

type One = Pick<
  JobService,
  'pauseJob' | 'resumeJob' | 'restartJob' | 'holdJob' | 'releaseJob' | 'removeJob' | 'waitForJob'
>;

/** What is done to several jobs at once: to each as to one alone. */
export function manyJobs(store: Store, service: One) {
  /** @throws BgJobsError `invalid_request` for a selection of statuses in which it does nothing */
  async function changeJobs(request: z.output<typeof changeManyRequest>): Promise<ChangeManyResult> {
    const { action, ids, session, tag, status, q } = request;
    const found = ids ?? selected(store, definedOnly({ session, tag, status, q }), statusesFor[action], action);
    const done = await Promise.allSettled(found.map((id) => act(service, request, id)));
    const results = done.map((one, index) => {
      const id = found[index] ?? '';
      if (one.status === 'fulfilled') return { id, job: one.value, error: null };
      const { error } = failureOf(one.reason).toBody();
      return { id, job: null, error };
    });
    return { results };
  }

  /** @throws BgJobsError `job_not_found` before anything is waited for */
  async function waitForJobs(
    { ids, until, ...query }: z.output<typeof waitManyRequest>,
    signal?: AbortSignal,
  ): Promise<WaitManyResult> {
    // A job that is named twice is one.
    const all = [...new Set(ids.map((id) => findJob(store, id).id))];
    const first = new AbortController();
    const ended = AbortSignal.any([first.signal, ...(signal ? [signal] : [])]);
    const waits = all.map((id) => service.waitForJob(id, query, ended));
    try {
      return { results: until === 'all' ? await Promise.all(waits) : [await Promise.race(waits)] };
    } finally {
      first.abort();
      await Promise.allSettled(waits);
    }
  }

  return { changeJobs, waitForJobs };
}

/** @returns the ids, the oldest job first: what is queued again keeps its order */
function selected(store: Store, selection: Selection, statuses: readonly JobStatus[], action: Change): string[] {
  const filter = filterOf(selection);
  const wanted = filter.statuses ? statuses.filter((status) => filter.statuses?.includes(status)) : statuses;
  if (filter.statuses && filter.statuses.length > 0 && wanted.length === 0) {
    const of = `jobs that are ${filter.statuses.join(', ')}`;
    throw new BgJobsError('invalid_request', `${action} does nothing to ${of}. Use ${statuses.join(', ')}.`);
  }
  const raws = store.jobs.list({ ...filter, statuses: wanted }, Number.MAX_SAFE_INTEGER);
  return store
    .read(raws)
    .map(({ id }) => id)
    .reverse();
}

function act(
  service: One,
  { action, inheritEnv, actor }: z.output<typeof changeManyRequest>,
  id: string,
): Promise<Job> {
  switch (action) {
    case 'pause':
      return service.pauseJob(id);
    case 'resume':
      return service.resumeJob(id);
    case 'restart':
      return service.restartJob(id, { actor, ...(inheritEnv && { inheritEnv }) });
    case 'hold':
      return service.holdJob(id);
    case 'release':
      return service.releaseJob(id, { actor });
    case 'remove':
      return service.removeJob(id);
  }
}

function failureOf(reason: unknown): BgJobsError {
  if (reason instanceof BgJobsError) return reason;
  return new BgJobsError('internal', reason instanceof Error ? reason.message : String(reason));
}

function definedOnly(selection: { [Key in keyof Selection]: Selection[Key] | undefined }): Selection {
  return Object.fromEntries(Object.entries(selection).filter(([, value]) => value !== undefined));
}
