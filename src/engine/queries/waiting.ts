import type * as z from 'zod';
import type { waitQuery } from '../../api/control.ts';
import { BgJobsError } from '../../api/errors.ts';
import { isEnded, isWaiting, type JobStatus } from '../../api/values.ts';
import type { JobOutput } from './jobOutput.ts';
import { compileLinePattern } from '../output/lines.ts';
import type { JobRow, RawJobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import { Wakeup } from '../../logs/wakeup.ts';

export interface WaitParts {
  store: Store;
  output: JobOutput;
}

/**
 * Until the job ends, has started, is ready, or prints a line that matches; or until the time is up or the caller goes
 * away. Waiting touches nothing.
 * @throws BgJobsError `invalid_request` for `ready` where the job says nothing of that
 */
export async function waitForJob(
  { store, output }: WaitParts,
  job: JobRow,
  options: z.output<typeof waitQuery>,
  caller: AbortSignal = new AbortController().signal,
): Promise<{ timedOut: boolean; match: string | null }> {
  const timeout = options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs);
  const signal = timeout ? AbortSignal.any([caller, timeout]) : caller;
  const until = async (test: (job: RawJobRow) => boolean): Promise<boolean> => reached(store, job.id, test, signal);
  if (options.for === 'exit') return { timedOut: !(await until(({ status }) => isEnded(status))), match: null };
  if (options.for === 'ready') {
    checkReadyWhen(job);
    return { timedOut: !(await until((found) => isReadyDecided(store, found))), match: null };
  }
  const pattern = options.for === 'started' ? undefined : await compileLinePattern(options.for.slice(1, -1));
  const started = await until(({ status }) => hasStarted(status));
  if (!pattern || !started) return { timedOut: !started, match: null };
  const [now] = store.read([store.jobs.byRow(job.row)]);
  const match = now && (await output.waitFor(now, pattern, signal));
  return { timedOut: match === undefined && signal.aborted, match: match ?? null };
}

/** It has its processes, or it has ended without. */
function hasStarted(status: JobStatus): boolean {
  return !isWaiting(status) && status !== 'starting';
}

function checkReadyWhen({ id, spec }: JobRow): void {
  if (spec.readyWhen) return;
  throw new BgJobsError(
    'invalid_request',
    `Job ${id.slice(0, 8)} was started without readyWhen, so it is unknown when it is ready. Wait for exit, started or ` +
      'a /pattern/ in its output.',
  );
}

/** It is ready, or will not be: its time is up, or it has ended. */
function isReadyDecided(store: Store, { row, status, run }: RawJobRow): boolean {
  if (isEnded(status)) return true;
  const current = run === null || isWaiting(status) ? undefined : store.runs.byNumber(row, run);
  if (!current) return false;
  // One that is being ended because it was not ready may be tried again.
  return current.readyAt !== null || (current.notReadyAt !== null && status !== 'stopping');
}

/** @returns false when the signal was aborted first, or the job was removed */
async function reached(
  store: Store,
  jobId: string,
  test: (job: RawJobRow) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const wakeup = new Wakeup(signal);
  const stop = store.onChange((id) => {
    if (id === jobId) wakeup.wake();
  });
  try {
    for (;;) {
      const job = store.jobs.byId(jobId);
      if (job && test(job)) return true;
      if (!job || signal.aborted) return false;
      await wakeup.next();
    }
  } finally {
    stop();
    wakeup.dispose();
  }
}
