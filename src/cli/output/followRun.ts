import type { JobService, Started } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { Chunk } from '../../api/output.ts';
import { isWaiting } from '../../api/values.ts';
import { LogReader, settleRun, type SettledRun } from '../../logs/logReader.ts';
import { wholeEndText } from '../../text/endText.ts';
import { exitCodeOfRun, exitCodeOfSignal } from '../../text/exitCode.ts';
import { GapFinder, type Gap } from '../../text/outputText.ts';
import { waitingText } from '../../text/waitingText.ts';
import { terminalWording } from '../../text/wording.ts';
import { forwardInput, note, printJson, write, type Context, type Sink } from '../base/context.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { Interruption } from '../base/interruption.ts';

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

/**
 * Everything that a query selects of one run, page by page, and then, when it is followed, what comes until the run has
 * ended or the signal is aborted.
 */
export async function* readOutput(
  service: JobService,
  { jobId, query }: SettledRun,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<Chunk | Gap> {
  const { tail, ...rest } = query;
  const gaps = new GapFinder({
    ...query,
    since: Number(query.since ?? 0),
    tail: tail === undefined ? tail : Number(tail),
  });
  let page = await service.getOutput(jobId, query);
  for (;;) {
    yield* gaps.pass(page.chunks, page.droppedBytes);
    if (!page.more || signal.aborted) break;
    page = await service.getOutput(jobId, { ...rest, since: page.next });
  }
  if (!follow) return;
  for await (const chunk of service.followOutput(jobId, { ...rest, since: page.next }, signal)) {
    yield* gaps.pass([chunk]);
  }
}

/** Requests only the positions of output, whose bytes are then read from the log files. */
export const positionsAlone = { text: 'false', limit: 16_777_216 } as const;

export interface PrintOptions {
  follow: boolean;
  /** Print no notes about dropped output. */
  quiet?: boolean;
  sinks?: Record<Chunk['stream'], Sink>;
}

/** Prints output as the job wrote it, byte for byte, from its log files. @param run settled for {@link positionsAlone} */
export async function printOutput(
  context: Context,
  service: JobService,
  run: SettledRun,
  { follow, quiet = false, sinks = context }: PrintOptions,
  signal: AbortSignal,
): Promise<void> {
  await using log = new LogReader(service, run);
  const noteGap = async (bytes: number): Promise<void> => {
    if (bytes > 0 && !quiet) await note(context, `${bytes} bytes of older output were dropped by --max-log`);
  };
  for await (const item of readOutput(service, run, follow, signal)) {
    if (!('seq' in item)) {
      await noteGap(item.droppedBytes);
      continue;
    }
    let at = item.offset;
    for await (const { chunk, bytes } of log.read(item)) {
      await noteGap(chunk.offset - at);
      await write(sinks[chunk.stream], bytes);
      at = chunk.offset + chunk.length;
    }
  }
}
