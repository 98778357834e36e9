import type { JobService, Started } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { isWaiting } from '../../api/values.ts';
import { forwardInput, note, printJson, type Context } from '../base/context.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { Interruption } from '../base/interruption.ts';
import { positionsAlone, printOutput } from './readOutput.ts';
import { settleRun } from '../../logs/logReader.ts';
import { exitCodeOfRun, exitCodeOfSignal } from '../../text/exitCode.ts';
import { wholeEndText } from '../../text/endText.ts';
import { waitingText } from '../../text/waitingText.ts';
import { terminalWording } from '../../text/wording.ts';

/** Runs `work` until a signal interrupts it, which does not stop the job. */
export async function watch(
  context: Context,
  { shortId }: Job,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  using interruption = new Interruption();
  try {
    await work(interruption.signal);
  } catch (error) {
    if (!interruption.by) throw error;
    await note(context, `stopped watching ${shortId}; the job continues. To stop it: bgjobs kill ${shortId}`);
    context.exitCode = exitCodeOfSignal(interruption.by);
  }
}

/**
 * Waits until the job has started, prints its output as it is written, and takes over the exit code of its run; of the
 * last one if the job is retried.
 */
export async function followRun(
  context: Context,
  service: JobService,
  { job, created }: Started,
  options: { json: boolean },
): Promise<void> {
  await watch(context, job, async (signal) => {
    const first = await firstAttempt(context, service, { job, created }, signal);
    let last = first.run;
    for (let run = last; run !== null; run = await nextAttempt(context, service, first.job, run, signal)) {
      await copy(context, service, first.job, run, options, signal);
      signal.throwIfAborted();
      last = run;
    }
    await report(context, await service.getJob(job.id), last, options);
  });
}

/**
 * Waits until the job has started.
 * @returns the job and the number of its run: the first attempt of a new job, the current one of a job that existed
 * before, null if the job ended without a run
 */
async function firstAttempt(
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
async function nextAttempt(
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

async function copy(
  context: Context,
  service: JobService,
  job: Job,
  number: number,
  { json }: { json: boolean },
  signal: AbortSignal,
): Promise<void> {
  const run = await settleRun(service, job.id, { run: number, ...positionsAlone });
  const sinks = { stdout: json ? context.stderr : context.stdout, stderr: context.stderr };
  const input = job.options.stdin === 'pipe' ? forward(context, service, job.id) : undefined;
  try {
    await printOutput(context, service, run, { follow: true, sinks }, signal);
  } finally {
    if (input) context.stdin.destroy(); // it has no reader any more, and would keep this process alive
    await input;
  }
}

/** Input is dropped when the job has ended or has closed its standard input. */
async function forward(context: Context, service: JobService, id: string): Promise<void> {
  try {
    await forwardInput(context.stdin, service, id);
    await service.sendInput(id, { eof: true });
  } catch {
    context.stdin.destroy();
  }
}

async function report(context: Context, job: Job, number: number | null, { json }: { json: boolean }): Promise<void> {
  const run = job.runs.find((each) => each.number === number);
  const isCancelled = job.status === 'cancelled' && job.run === number;
  context.exitCode = exitCodeOfRun(run ?? job) || (isCancelled ? exitCodes.failure : exitCodes.done);
  if (json) return printJson(context, job);
  const ended = run && !isCancelled ? { ...run, gaveUp: job.gaveUp && job.run === number, attempt: job.attempt } : job;
  const ordinary = (ended.reason === 'exit' || ended.reason === 'signal') && !ended.gaveUp;
  if (!ordinary || ended.leftovers.length > 0) await note(context, `${job.shortId} ${wholeEndText(ended)}`);
}
