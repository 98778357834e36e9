import type * as z from 'zod';
import type { waitQuery } from '../protocol/control.ts';
import { isEnded, isWaiting, type JobStatus } from '../protocol/states.ts';
import type { JobOutput } from './jobOutput.ts';
import { compileLinePattern } from './output/linePattern.ts';
import type { JobRow } from './store/jobTable.ts';
import type { Store } from './store/store.ts';
import { Wakeup } from './wakeup.ts';

export interface WaitParts {
  store: Store;
  output: JobOutput;
}

/**
 * Until the job ends, has started, or prints a line that matches; or until the time is up or the caller goes away.
 * Waiting touches nothing.
 */
export async function waitForJob(
  { store, output }: WaitParts,
  job: JobRow,
  options: z.output<typeof waitQuery>,
  caller: AbortSignal = new AbortController().signal,
): Promise<{ timedOut: boolean; match: string | null }> {
  const timeout = options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs);
  const signal = timeout ? AbortSignal.any([caller, timeout]) : caller;
  if (options.for === 'exit') return { timedOut: !(await reached(store, job.id, isEnded, signal)), match: null };

  const pattern = options.for === 'started' ? undefined : await compileLinePattern(options.for.slice(1, -1));
  const started = await reached(store, job.id, hasStarted, signal);
  if (!pattern || !started) return { timedOut: !started, match: null };
  const [now] = store.read([store.jobs.byRow(job.row)]);
  const match = now && (await output.waitFor(now, pattern, signal));
  return { timedOut: match === undefined && signal.aborted, match: match ?? null };
}

/** It has its processes, or it has ended without. */
function hasStarted(status: JobStatus): boolean {
  return !isWaiting(status) && status !== 'starting';
}

/** @returns false when the signal was aborted first, or the job was removed */
async function reached(
  store: Store,
  jobId: string,
  test: (status: JobStatus) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const wakeup = new Wakeup(signal);
  const stop = store.onChange((id) => {
    if (id === jobId) wakeup.wake();
  });
  try {
    for (;;) {
      const status = store.jobs.byId(jobId)?.status;
      if (status && test(status)) return true;
      if (!status || signal.aborted) return false;
      await wakeup.next();
    }
  } finally {
    stop();
    wakeup.dispose();
  }
}
