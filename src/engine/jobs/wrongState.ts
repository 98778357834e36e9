import { BgJobsError } from '../../api/errors.ts';
import type { JobRow } from '../../store/jobTable.ts';

/** @param text what is possible instead */
export function wrongState(job: JobRow, text: string): BgJobsError {
  return new BgJobsError('invalid_state', `Job ${job.id.slice(0, 8)} is ${job.status}. ${text}`, {
    status: job.status,
  });
}
