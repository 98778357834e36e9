import type * as z from 'zod';
import { Wakeup } from '../../logs/wakeup.ts';
import type { waitQuery } from '../../api/control.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Chunk, Output, OutputOptions } from '../../api/output.ts';
import { isEnded, isWaiting, type JobStatus } from '../../api/values.ts';
import type { JobRow, RawJobRow } from '../../store/jobTable.ts';
import { shortIdOf } from '../../store/newJobId.ts';
import { logsOf, type RunRow } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';
import { excerpt, type LinePattern } from '../output/lineScanner.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import { checkNoArray } from './lookup.ts';
import { compileLinePattern, followOutput, readOutput, waitForPattern, type RunOutput } from '../output/readOutput.ts';

/** Characters of a line that matched. */
const longestMatch = 1000;

/** Reads the output of jobs: a finished one reads the same as a running one, one that has not run has none. */
export function jobOutput({ store, tracker, home }: { store: Store; tracker: OutputTracker; home: string }) {
  /** @throws BgJobsError `run_not_found` for a run that never was */
  async function read(job: JobRow, options: OutputOptions): Promise<Output> {
    const run = runOf(job, options.run);
    if (!run) return { chunks: [], next: options.since ?? 0, droppedBytes: 0, status: job.status, more: false };
    tracker.observe(run.row);
    return { ...(await readOutput(outputOf(job, run), options)), status: job.status };
  }

  /** @throws BgJobsError `run_not_found`, `invalid_request` */
  async function* follow(job: JobRow, options: OutputOptions, signal: AbortSignal): AsyncGenerator<Chunk> {
    const run = runOf(job, options.run);
    if (!run) return;
    tracker.observe(run.row);
    yield* followOutput(outputOf(job, run), options, signal);
  }

  /**
   * @returns the line, of a long one the part that matches; undefined when the run ends without it, there is none, or the
   * signal is aborted
   */
  async function waitFor(job: JobRow, pattern: LinePattern, signal: AbortSignal): Promise<string | undefined> {
    const run = runOf(job, undefined);
    const match = run && (await waitForPattern(outputOf(job, run), pattern, signal));
    return match && excerpt(match.text, pattern, longestMatch);
  }

  function runOf(job: JobRow, number: number | undefined): RunRow | undefined {
    checkNoArray(job);
    const run = store.runs.byNumber(job.row, number ?? job.run);
    if (number === undefined || run) return run;
    throw new BgJobsError('run_not_found', `Job ${shortIdOf(job)} has no run ${number}.`, { run: job.run });
  }

  function outputOf(job: JobRow, run: RunRow): RunOutput {
    return {
      index: store.chunks,
      // While the logs can still be cut, the object that the tracker keeps up to date.
      logs: tracker.logsOf(run.row) ?? logsOf(home, job, run),
      growth: tracker,
      isEnded: () => isEnded(store.runs.byNumber(job.row, run.number)?.status ?? 'lost'),
    };
  }

  return { read, follow, waitFor };
}

export type JobOutput = ReturnType<typeof jobOutput>;

/**
 * Until the job ends, has started, is ready, or prints a line that matches; or until the time is up or the caller goes
 * away. Waiting touches nothing.
 * @throws BgJobsError `invalid_request` for `ready` where the job says nothing of that
 */
export async function waitForJob(
  { store, output }: { store: Store; output: JobOutput },
  job: JobRow,
  options: z.output<typeof waitQuery>,
  caller: AbortSignal = new AbortController().signal,
): Promise<{ timedOut: boolean; match: string | null }> {
  const timeout = options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs);
  const signal = timeout ? AbortSignal.any([caller, timeout]) : caller;
  const until = (test: (job: RawJobRow) => boolean): Promise<boolean> => reached(store, job, test, signal);
  if (options.for === 'exit') return { timedOut: !(await until(({ status }) => isEnded(status))), match: null };
  if (options.for === 'ready') {
    if (!job.spec.readyWhen) throw withoutReadyWhen(job);
    return { timedOut: !(await until((found) => isReadyDecided(store, found))), match: null };
  }
  const pattern = options.for === 'started' ? undefined : await compileLinePattern(options.for);
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

function withoutReadyWhen(job: JobRow): BgJobsError {
  const text = `Job ${shortIdOf(job)} was started without readyWhen, so it is unknown when it is ready.`;
  return new BgJobsError('invalid_request', `${text} Wait for exit, started or a /pattern/ in its output.`);
}

/** It is ready, or will not be: its time is up, or it has ended. */
function isReadyDecided(store: Store, { row, status, run }: RawJobRow): boolean {
  if (isEnded(status)) return true;
  const current = isWaiting(status) ? undefined : store.runs.byNumber(row, run);
  if (!current) return false;
  // One that is being ended because it was not ready may be tried again.
  return current.readyAt !== null || (current.notReadyAt !== null && status !== 'stopping');
}

/** @returns false when the signal was aborted first, or the job was removed */
async function reached(
  store: Store,
  { id: jobId, task }: JobRow,
  test: (job: RawJobRow) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const wakeup = new Wakeup(signal);
  const stop = store.onChange((id) => {
    // Many tasks of an array may have changed at once, which is reported as a change of the array.
    if (id === jobId || id === task?.array) wakeup.wake();
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
