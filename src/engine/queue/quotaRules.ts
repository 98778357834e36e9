import { quotaOf, type Quotas } from '../../api/quotas.ts';
import { waitingStatuses } from '../../api/values.ts';
import type { JobTable } from '../../store/jobTable.ts';

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
