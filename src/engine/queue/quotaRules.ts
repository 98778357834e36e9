import type { WaitingFor } from '../../api/job.ts';
import { quotaOf, type Quotas } from '../../api/quotas.ts';
import { waitingStatuses } from '../../api/values.ts';
import type { JobTable } from '../../store/jobTable.ts';
import type { StartTimes } from './startTimes.ts';

/** A quota that a job waits for. */
export type OverQuota = Extract<WaitingFor, { type: 'quota' }>;

/** @param session its quotas; those of all jobs together if it is left out */
export function overQuota(rules: Quotas, starts: StartTimes, session?: string): OverQuota | null {
  const maximum = quotaOf(rules, 'jobsPerHour', session);
  const next = maximum === 0 ? null : starts.nextAfter(maximum, session);
  if (next === null) return null;
  const scope = session === undefined ? 'host' : 'session';
  return { type: 'quota', quota: 'jobsPerHour', scope, maximum, until: new Date(next).toISOString() };
}

/** A quota of waiting jobs that is used up. */
export interface FullQueue {
  /** Undefined: that of all jobs together. */
  session: string | undefined;
  waiting: number;
  maximum: number;
}

/** Whether as many jobs wait as the quotas allow, those of a session or all. Counts only if there is a quota. */
export function fullQueue(session: string, rules: Quotas, jobs: Pick<JobTable, 'count'>): FullQueue | null {
  for (const scope of [session, undefined]) {
    const maximum = quotaOf(rules, 'waitingJobs', scope);
    if (maximum === 0) continue;
    const waiting = jobs.count({ statuses: waitingStatuses, ...(scope !== undefined && { session: scope }) });
    if (waiting >= maximum) return { session: scope, waiting, maximum };
  }
  return null;
}

/** As half a sentence. */
export function fullText({ session, waiting, maximum }: FullQueue): string {
  const whose = session === undefined ? 'all jobs together' : `the session ${session}`;
  const wait = waiting === 1 ? '1 job waits' : `${waiting} jobs wait`;
  return `${wait}, and the quota of ${whose} is ${maximum}`;
}
