import type { JobService, Started } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { jobPages } from '../../api/jobPages.ts';
import type { OutputQuery } from '../../api/output.ts';
import { isEnded, isWaiting } from '../../api/values.ts';
import { settledRun } from '../../logs/logReader.ts';
import { exitCodeOfRun, exitCodeOfSignal, wholeEndText } from '../../text/endText.ts';
import { stateText, terminalWording, waitingText } from '../../text/stateText.ts';
import {
  Interruption,
  exitCodes,
  forwardInput,
  note,
  printJson,
  usageError,
  type Context,
  type Json,
} from '../base/context.ts';
import { taskId } from '../options/parse.ts';
import { printOutput, readOutput } from './printOutput.ts';

export interface OutputOptions extends Omit<OutputQuery, 'follow'>, Json {
  task?: number;
  follow?: true;
  raw?: true;
}

/** Prints the output of one job. */
export async function output(context: Context, job: string, options: OutputOptions): Promise<void> {
  const { json, raw, follow, task, ...query } = options;
  if (json && raw) throw usageError('--json cannot be used with --raw');
  const service = await context.connect();
  const id = taskId(job, task);
  const found = await service.getJob(id);
  if (found.array) {
    return follow
      ? followTasks(context, service, found, { json })
      : printTasks(context, service, found, query, { json, raw });
  }
  if (json && !follow) return printJson(context, await service.getOutput(id, query));

  const { signal } = new AbortController();
  if (!json) {
    return printOutput(service, found, query, {
      follow,
      raw,
      sinks: context,
      note: (text) => note(context, text),
      signal,
    });
  }
  for await (const item of readOutput(service, settledRun(found, query), true, signal)) {
    if ('droppedBytes' in item) await note(context, `${item.droppedBytes} bytes were dropped by --max-log`);
    else await printJson(context, item);
  }
}

/** What the steps of following a run need. */
interface Following {
  readonly context: Context;
  readonly service: JobService;
  readonly signal: AbortSignal;
}

type Work = (signal: AbortSignal) => Promise<void>;

/** Runs `work` until a signal interrupts it, which does not stop the job. */
export async function watch(context: Context, { shortId }: Job, work: Work): Promise<void> {
  using interruption = new Interruption();
  try {
    await work(interruption.signal);
  } catch (error) {
    if (!interruption.by) throw error;
    await note(context, `stopped watching ${shortId}; the job continues. To stop it: bgjobs kill ${shortId}`);
    context.exitCode = exitCodeOfSignal(interruption.by);
  }
}

interface FollowOptions extends Json {
  /** Only the last lines of what is there. */
  tail?: number;
  /** `false`: nothing of the standard input goes to the job. */
  forwards?: boolean;
}

/**
 * Waits until the job has started, prints its output as it is written, and takes over the exit code of its run; of the
 * last one if the job is retried.
 */
export async function followRun(
  context: Context,
  service: JobService,
  start: Started,
  options: FollowOptions,
): Promise<void> {
  await watch(context, start.job, async (signal) => {
    const following = { context, service, signal };
    const first = await firstAttempt(following, start);
    let last = first.run;
    for (let { job, run } = first; ; { job, run } = await nextAttempt(following, first.job, run)) {
      if (run === null) return report(context, job, last, options);
      await copyOutput(following, first.job, run, options);
      signal.throwIfAborted();
      last = run;
    }
  });
}

/** A job, and the number of its run that is to be followed; null if there is none. */
interface Attempt {
  job: Job;
  run: number | null;
}

/**
 * Waits until the job has started.
 * @returns the job and the number of its run: the first attempt of a new job, the current one of a job that existed
 * before, null if the job ended without a run
 */
async function firstAttempt({ context, service, signal }: Following, { job, created }: Started): Promise<Attempt> {
  // The first run may have failed already, and the next may be far off.
  const hasBegun = created && job.run !== null;
  if (isWaiting(job.status) && !hasBegun) await note(context, `${job.shortId} is ${job.status}${waiting(job)}`);
  const started = hasBegun ? job : (await service.waitForJob(job.id, { for: 'started' }, signal)).job;
  if (started.run === null) return { job: started, run: null };
  return { job: started, run: created ? before(started) + 1 : started.run };
}

/** Waits for the next attempt. @returns without a run if the job is not tried again by itself */
async function nextAttempt({ context, service, signal }: Following, first: Job, run: number): Promise<Attempt> {
  const job = await service.getJob(first.id);
  if (before(job) !== before(first)) return { job, run: null }; // restarted, or put back into the queue
  if (job.run === run && !isWaiting(job.status)) return { job, run: null };
  const how = wholeEndText(job.runs.find(({ number }) => number === run) ?? job);
  const then = job.run === run ? `it is ${job.status}${waiting(job)}` : 'it was started again';
  await note(context, `${job.shortId} ${how}; ${then}`);
  const { job: next } = await service.waitForJob(first.id, { for: 'started' }, signal);
  return { job: next, run: before(next) === before(first) && next.run !== run ? run + 1 : null };
}

function waiting(job: Job): string {
  const why = waitingText(job, terminalWording(Date.now()));
  return why === '' ? '' : `: ${why}`;
}

/** The number of the run before the first of the current attempts. */
function before({ run, attempt }: Job): number {
  return (run ?? 0) - (attempt ?? 0);
}

async function copyOutput(
  { context, service, signal }: Following,
  job: Job,
  number: number,
  { json, tail, forwards = true }: FollowOptions,
): Promise<void> {
  const sinks = { stdout: json ? context.stderr : context.stdout, stderr: context.stderr };
  const input = job.options.stdin === 'pipe' && forwards ? forwardAll(context, service, job.id) : undefined;
  try {
    const options = { follow: true, sinks, note: (text: string) => note(context, text), signal };
    await printOutput(service, job, { run: number, tail }, options);
  } finally {
    if (input) context.stdin.destroy(); // it has no reader any more, and would keep this process alive
    await input;
  }
}

/** Input is dropped when the job has ended or has closed its standard input. */
async function forwardAll(context: Context, service: JobService, id: string): Promise<void> {
  try {
    await forwardInput(context, service, id);
    await service.sendInput(id, { eof: true });
  } catch {
    context.stdin.destroy();
  }
}

async function report(context: Context, job: Job, number: number | null, { json }: Json): Promise<void> {
  const run = job.runs.find((each) => each.number === number);
  const isCancelled = job.status === 'cancelled' && job.run === number;
  context.exitCode = exitCodeOfRun(run ?? job) || (isCancelled ? exitCodes.failure : exitCodes.done);
  if (json) return printJson(context, job);
  const ended = run && !isCancelled ? { ...run, gaveUp: job.gaveUp && job.run === number, attempt: job.attempt } : job;
  const ordinary = (ended.reason === 'exit' || ended.reason === 'signal') && !ended.gaveUp;
  if (!ordinary || ended.leftovers.length > 0) await note(context, `${job.shortId} ${wholeEndText(ended)}`);
}

/** Prints the output of each task when it ends, until the array has ended, and takes over whether it succeeded. */
export async function followTasks(context: Context, service: JobService, array: Job, options: Json): Promise<void> {
  await watch(context, array, async (signal) => {
    const job = await copyTasks(context, service, array, options.json ? context.stderr : context.stdout, signal);
    context.exitCode = exitCodeOfRun(job);
    if (options.json) await printJson(context, job);
    else if (job.status !== 'completed') await note(context, `${job.shortId} ${state(job)}`);
  });
}

/** @returns the array when it has ended */
async function copyTasks(
  context: Context,
  service: JobService,
  array: Job,
  stdout: Context['stdout'],
  signal: AbortSignal,
): Promise<Job> {
  // From the first event on, because tasks may have ended before this begins.
  for await (const { type, to, run, job } of context.events({ since: 0, job: array.id }, signal)) {
    if (!job || type !== 'status' || to === null || !isEnded(to)) continue;
    if (job.id === array.id && isEnded(job.status)) return job;
    const ended = job.runs.find(({ number }) => number === run);
    if (!job.task || !ended) continue;
    const sinks = { stdout, stderr: context.stderr };
    if (ended.stdoutBytes + ended.stderrBytes > 0) {
      const noted = (text: string): Promise<void> => note(context, `${job.shortId}: ${text}`);
      await printOutput(service, job, { run: ended.number }, { sinks, note: noted, signal });
    }
    if (to !== 'completed' && job.run === run) await note(context, `${job.shortId} ${state(job)}`);
  }
  return service.getJob(array.id);
}

/** Prints the output of all tasks that have run, by their numbers. */
async function printTasks(
  context: Context,
  service: JobService,
  array: Job,
  query: OutputQuery,
  { json, raw }: Json & { raw: true | undefined },
): Promise<void> {
  const { signal } = new AbortController();
  const tasks: unknown[] = [];
  for await (const { jobs } of jobPages(service, { array: array.id, limit: 1000 })) {
    for (const job of jobs) {
      if (job.run === null) continue;
      if (json) tasks.push({ task: job.task?.number, ...(await service.getOutput(job.id, query)) });
      else {
        if (!raw) await note(context, `${job.shortId} ${state(job)}`);
        const noted = (text: string): Promise<void> => note(context, text);
        await printOutput(service, job, query, { raw, sinks: context, note: noted, signal });
      }
    }
  }
  if (json) await printJson(context, { tasks });
}

function state(job: Job): string {
  return stateText(job, terminalWording(Date.now()));
}
