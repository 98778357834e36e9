import type { JobService, Started } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { firstAttempt, nextAttempt } from './nextAttempt.ts';
import { forwardInput, note, printJson, type Context } from '../base/context.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { Interruption } from '../base/interruption.ts';
import { positionsAlone, printOutput } from './readOutput.ts';
import { settleRun } from '../../logs/logReader.ts';
import { exitCodeOfRun, exitCodeOfSignal } from '../../text/exitCode.ts';
import { wholeEndText } from '../../text/endText.ts';

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
