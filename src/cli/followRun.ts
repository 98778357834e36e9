import { settleRun } from '../home/logBytes.ts';
import type { Job } from '../protocol/job.ts';
import type { JobService } from '../protocol/service.ts';
import { isWaiting } from '../protocol/states.ts';
import { BytePrinter, positionsAlone } from './bytePrinter.ts';
import { note, printJson } from './context.ts';
import type { Context } from './context.ts';
import { given } from './given.ts';
import { Interruption } from './interruption.ts';
import { readOutput } from './readOutput.ts';
import { exitCodeOfRun, exitCodeOfSignal } from '../words/exitCode.ts';
import { endSentence, waitingSentence } from '../words/job.ts';
import { forwardInput } from './verbs/input.ts';

/**
 * Waits until the job has started, prints its output as it comes, and ends as its run does. To interrupt it leaves the
 * job alone.
 */
export async function followRun(
  context: Context,
  service: JobService,
  job: Job,
  options: { json: boolean },
): Promise<void> {
  using interruption = new Interruption();
  const { signal } = interruption;
  try {
    if (isWaiting(job.status)) await noteWaiting(context, job);
    const { job: started } = await service.waitForJob(job.id, { for: 'started' }, signal);
    if (started.run !== null) await copy(context, service, started, options, signal);
    signal.throwIfAborted();
    const ended = await service.getJob(job.id);
    await report(context, ended, started.run, options);
  } catch (error) {
    if (!interruption.by) throw error;
    await note(
      context,
      `no longer watching ${job.shortId}, which was not touched. To stop it: bgjobs kill ${job.shortId}`,
    );
    context.exitCode = exitCodeOfSignal(interruption.by);
  }
}

async function noteWaiting(context: Context, job: Job): Promise<void> {
  const why = job.waitingFor ? `waits ${waitingSentence(job.waitingFor)}` : `is ${job.status}`;
  await note(context, `${job.shortId} ${why}`);
}

async function copy(
  context: Context,
  service: JobService,
  job: Job,
  { json }: { json: boolean },
  signal: AbortSignal,
): Promise<void> {
  const run = await settleRun(service, job.id, { ...given({ run: job.run ?? undefined }), ...positionsAlone });
  const sinks = { stdout: json ? context.stderr : context.stdout, stderr: context.stderr };
  const printer = new BytePrinter(context, service, run, { sinks });
  const input = job.options.stdin === 'pipe' ? passOn(context, service, job.id) : undefined;
  try {
    for await (const item of readOutput(service, run, true, signal)) await printer.print(item);
  } finally {
    if (input) context.stdin.destroy(); // nobody reads it any more, and it would keep this process alive
    await input;
    await printer.close();
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
  context.exitCode = exitCodeOfRun(run ?? job);
  if (json) return printJson(context, job);
  const ended = run ?? job;
  const ordinary = ended.reason === 'exit' || ended.reason === 'signal';
  if (!ordinary || ended.leftovers.length > 0) await note(context, `${job.shortId} ${endSentence(ended)}`);
}
