import type { JobService, Started } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { isWaiting } from '../../api/values.ts';
import { wholeEndText } from '../../text/endText.ts';
import { waitingText } from '../../text/waitingText.ts';
import { terminalWording } from '../../text/wording.ts';
import { note, type Context } from '../base/context.ts';

/**
 * Waits until the job has started.
 * @returns the job and the number of its run: the first attempt of a new job, the current one of a job that existed
 * before, null if the job ended without a run
 */
export async function firstAttempt(
  context: Context,
  service: JobService,
  { job, created }: Started,
  signal: AbortSignal,
): Promise<{ job: Job; run: number | null }> {
  // The first run may have failed already, and the next may be far off.
  const hasBegun = created && job.run !== null;
  if (isWaiting(job.status) && !hasBegun) await note(context, `${job.shortId} is ${job.status}${waiting(job)}`);
  const started = hasBegun ? job : (await service.waitForJob(job.id, { for: 'started' }, signal)).job;
  if (started.run === null) return { job: started, run: null };
  return { job: started, run: created ? before(started) + 1 : started.run };
}

/** Waits for the next attempt. @returns its number; null if the job is not tried again by itself */
export async function nextAttempt(
  context: Context,
  service: JobService,
  first: Job,
  run: number,
  signal: AbortSignal,
): Promise<number | null> {
  const job = await service.getJob(first.id);
  if (before(job) !== before(first)) return null; // restarted, or put back into the queue
  if (job.run === run && !isWaiting(job.status)) return null;
  const how = wholeEndText(job.runs.find(({ number }) => number === run) ?? job);
  await note(
    context,
    `${job.shortId} ${how}; ${job.run === run ? `it is ${job.status}${waiting(job)}` : 'it was started again'}`,
  );
  const { job: next } = await service.waitForJob(first.id, { for: 'started' }, signal);
  return before(next) === before(first) && next.run !== run ? run + 1 : null;
}

function waiting(job: Job): string {
  const why = waitingText(job, terminalWording(Date.now()));
  return why === '' ? '' : `: ${why}`;
}

/** The number of the run before the first of the current attempts. */
function before({ run, attempt }: Job): number {
  return (run ?? 0) - (attempt ?? 0);
}
