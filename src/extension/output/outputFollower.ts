import { setTimeout as pause } from 'node:timers/promises';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job, Run } from '../../api/job.ts';
import type { Output } from '../../api/output.ts';
import { isEnded } from '../../api/values.ts';
import { Wake } from './wake.ts';

/** An append comes no sooner than this after the one before (milliseconds): each is a message to the window. */
const appendEveryMs = 50;
/** After a skip a flood is given time to go by (milliseconds). */
const afterSkipMs = 500;
const retryMs = 1000;

/** How output becomes text, with our remarks between. */
export interface RunText {
  output(output: Output, run: Run, skipped: number): string;
  /** The head of a run that follows an earlier one. */
  runStart(job: Job, run: Run): string;
  runEnd(run: Run): string;
}

export interface Pace {
  /** One append carries no more than this (bytes). */
  appendBytes: number;
  /** Whoever is further behind than this (bytes) skips ahead. */
  mostBehind: number;
}

export interface FollowerOptions {
  jobId: string;
  /** Null while the host cannot be reached; {@link OutputFollower.wake} says when to ask again. */
  service: () => JobService | null;
  text: RunText;
  pace: Pace;
  append: (text: string) => void;
  /** All that the run has written is appended, and it has ended. */
  ended?: (job: Job) => void;
  /** The job is no more. */
  gone: () => void;
}

/**
 * Brings a job's output to where it is shown, from its start and from run to run, as long as somebody can see it.
 * Only positions are streamed; the text is fetched at the given pace, so that a flood costs no more than a
 * small constant, here and in the host.
 */
export class OutputFollower {
  readonly #options: FollowerOptions;
  readonly #wake = new Wake();
  readonly #disposed = new AbortController();
  #visible = true;
  /** The run that is shown, up to which position, and whether its end has been told. */
  #run = 0;
  #cursor = 0;
  #told = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Ends when it is disposed or the job is gone. */
  async follow(): Promise<void> {
    while (!this.#disposed.signal.aborted) {
      try {
        if (!(await this.#step())) await this.#wake.wait();
      } catch (error) {
        if (error instanceof BgJobsError && error.code === 'job_not_found') return this.#options.gone();
        // The host is away for a moment, or for longer: then the next connection wakes us.
        await Promise.race([this.#wake.wait(), this.#pause(retryMs)]);
      }
    }
  }

  /** Nobody sees a hidden channel: nothing is read for it. */
  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    this.#wake.wake();
  }

  /** The job has changed, or the host is back. */
  wake(): void {
    this.#wake.wake();
  }

  dispose(): void {
    this.#disposed.abort();
    this.#wake.wake();
  }

  /** @returns whether there may be more to do at once */
  async #step(): Promise<boolean> {
    const service = this.#options.service();
    if (!service || !this.#visible) return false;
    const job = await service.getJob(this.#options.jobId);
    if (job.run === null || (this.#told && job.run === this.#run)) return false;
    if (this.#run === 0 || this.#told) this.#begin(job, job.run);
    const run = runOf(job, this.#run);
    if (!(await this.#pump(service, run))) return true;
    const after = await service.getJob(job.id);
    const ended = runOf(after, run.number);
    if (!isEnded(ended.status)) return false;
    this.#append(this.#options.text.runEnd(ended));
    this.#told = true;
    this.#options.ended?.(after);
    return true;
  }

  #begin(job: Job, number: number): void {
    if (this.#run !== 0) this.#append(this.#options.text.runStart(job, runOf(job, number)));
    this.#run = number;
    this.#cursor = 0;
    this.#told = false;
  }

  /** @returns true at the end of the run's output, false when it was hidden or disposed before */
  async #pump(service: JobService, run: Run): Promise<boolean> {
    const stop = new AbortController();
    const positions = { end: run.stdoutBytes + run.stderrBytes, over: false, error: null as Error | null };
    const watching = this.#watch(service, run, positions, stop.signal);
    try {
      while (this.#visible && !this.#disposed.signal.aborted) {
        if (positions.error !== null) throw positions.error;
        const over = positions.over;
        if (this.#cursor >= positions.end && !over) {
          await this.#wake.wait();
          continue;
        }
        const skipped = this.#skip(positions.end);
        const from = this.#cursor;
        const output = await service.getOutput(this.#options.jobId, {
          run: run.number,
          since: from,
          limit: this.#options.pace.appendBytes,
        });
        this.#cursor = output.next;
        this.#append(this.#options.text.output(output, run, skipped));
        if (over && !output.more) return true;
        // Half a character at the end waits for its other half.
        if (output.next === from) await this.#wake.wait();
        else await this.#pause(skipped > 0 ? afterSkipMs : appendEveryMs);
      }
      return false;
    } finally {
      stop.abort();
      await watching;
    }
  }

  /** Where the output ends, as it grows. */
  async #watch(
    service: JobService,
    run: Run,
    positions: { end: number; over: boolean; error: Error | null },
    signal: AbortSignal,
  ): Promise<void> {
    const query = { run: run.number, since: positions.end, text: 'false' };
    try {
      for await (const chunk of service.followOutput(this.#options.jobId, query, signal)) {
        positions.end = chunk.seq;
        this.#wake.wake();
      }
      positions.over = !signal.aborted;
    } catch (error) {
      positions.error = error as Error;
    }
    this.#wake.wake();
  }

  /** @returns how many bytes are left out, because the channel is too far behind */
  #skip(end: number): number {
    const { appendBytes, mostBehind } = this.#options.pace;
    if (end - this.#cursor <= mostBehind) return 0;
    // What is opened late shows as much as it may; what a flood outruns shows one append and lets it go by.
    const keep = this.#cursor === 0 ? mostBehind : appendBytes;
    const skipped = end - keep - this.#cursor;
    this.#cursor += skipped;
    return skipped;
  }

  #append(text: string): void {
    if (text !== '') this.#options.append(text);
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#disposed.signal }).catch(() => undefined);
  }
}

function runOf(job: Job, number: number): Run {
  const run = job.runs.find((candidate) => candidate.number === number);
  if (!run) throw new BgJobsError('run_not_found', `Job ${job.shortId} has no run ${number}`);
  return run;
}
