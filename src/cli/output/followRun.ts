import type { JobService, Started } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { firstAttempt, nextAttempt } from './nextAttempt.ts';
import { forwardInput, note, printJson } from '../base/context.ts';
import type { Context } from '../base/context.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { Interruption } from '../base/interruption.ts';
import { positionsAlone, printOutput } from './readOutput.ts';
import { settleRun } from '../../logs/logReader.ts';
import { exitCodeOfRun, exitCodeOfSignal } from '../../text/exitCode.ts';
import { endSentence } from '../../text/jobText.ts';

/**
 * Waits until the job has started, prints its output as it comes, and ends as its run does; of a job that is tried again
 * as the last attempt does. To interrupt it leaves the job alone.
 */
export async function followRun(
  context: Context,
  service: JobService,
  { job, created }: Started,
  options: { json: boolean },
): Promise<void> {
  using interruption = new Interruption();
  const { signal } = interruption;
  try {
    const first = await firstAttempt(context, service, { job, created }, signal);
    let last = first.run;
    for (let run = last; run !== null; run = await nextAttempt(context, service, first.job, run, signal)) {
      await copy(context, service, first.job, run, options, signal);
      signal.throwIfAborted();
      last = run;
    }
    await report(context, await service.getJob(job.id), last, options);
  } catch (error) {
    if (!interruption.by) throw error;
    await note(
      context,
      `no longer watching ${job.shortId}, which was not touched. To stop it: bgjobs kill ${job.shortId}`,
    );
    context.exitCode = exitCodeOfSignal(interruption.by);
  }
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
  const input = job.options.stdin === 'pipe' ? passOn(context, service, job.id) : undefined;
  try {
    await printOutput(context, service, run, { follow: true, sinks }, signal);
  } finally {
    if (input) context.stdin.destroy(); // nobody reads it any more, and it would keep this process alive
    await input;
  }
}

/** Input that comes when the job has ended, or has closed it, is nobody's. */
async function passOn(context: Context, service: JobService, id: string): Promise<void> {
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
  if (!ordinary || ended.leftovers.length > 0) await note(context, `${job.shortId} ${endSentence(ended)}`);
}
