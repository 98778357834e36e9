import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job, Run } from '../../api/job.ts';
import type { Chunk } from '../../api/output.ts';
import { isEnded } from '../../api/values.ts';
import { batched } from '../../logs/logReader.ts';
import { Wakeup } from '../../logs/wakeup.ts';

/** The least time between two appends (milliseconds): each is a message to the window. */
const appendEveryMs = 50;
/** The pause after a skip, in which a flood passes (milliseconds). */
const afterSkipMs = 500;
const retryMs = 1000;
/** So much text (characters) is rendered at once, and for so long (milliseconds) before the window does something else. */
const sliceLength = 16_384;
const sliceMs = 2;

/** Bytes that are left out before some output. */
export interface LeftOut {
  /** Skipped because the channel was too far behind. */
  skipped: number;
  /** Dropped by maxLogBytes. */
  dropped: number;
}

/** Text that was held back, and in how many milliseconds more of it is due. */
export interface Due {
  text: string;
  inMs: number | undefined;
}

/** How output becomes text, with our own remarks in between. */
export interface RunText {
  output(chunks: readonly Chunk[], run: Run, leftOut: LeftOut): string;
  /** What is due now of text that is held back until it no longer changes. */
  due?(): Due;
  /** Why there is no output yet, said once. */
  notStarted?(job: Job): string;
  /** The head of the first run that is shown. */
  head?(job: Job, run: Run): string;
  /** The head of a run that follows an earlier one. */
  runStart(job: Job, run: Run): string;
  runEnd(run: Run): string;
}

interface Pace {
  /** The most that one append carries (bytes), at least the length of one chunk. */
  appendBytes: number;
  /** The most that may be unread (bytes): beyond that the follower skips ahead. */
  mostBehind: number;
}

export interface FollowerOptions {
  jobId: string;
  /** Null while the host cannot be reached; {@link OutputFollower.wake} says when to try again. */
  service: () => JobService | null;
  text: RunText;
  pace: Pace;
  append: (text: string) => void;
  /** The run has ended, and all its output is appended. */
  ended?: (job: Job) => void;
  /** The job was removed. */
  gone: () => void;
}

/**
 * Brings a job's output to where it is shown, from its start and from run to run, for as long as it is visible. The
 * output is streamed, its bytes read from the log files, and taken at the given pace, so that a flood costs no more than
 * a small constant, here and in the host.
 */
export class OutputFollower {
  readonly #options: FollowerOptions;
  readonly #disposed = new AbortController();
  readonly #wakeup = new Wakeup(this.#disposed.signal);
  /** Ends the current stream. */
  #hidden = new AbortController();
  #visible = true;
  /** The run that is shown, up to which position, and whether its end was appended. */
  #run = 0;
  #cursor = 0;
  #hasEnded = false;
  #hasSaidWhy = false;
  /** Until more text is due. */
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Ends when it is disposed or the job is gone. */
  async follow(): Promise<void> {
    while (!this.#disposed.signal.aborted) {
      try {
        if (!(await this.#step())) await this.#wakeup.next();
      } catch (error) {
        if (error instanceof BgJobsError && error.code === 'job_not_found') return this.#options.gone();
        // The host is away for a moment, or for longer: then the next connection wakes us.
        await Promise.race([this.#wakeup.next(), this.#pause(retryMs)]);
      }
    }
  }

  /** Nothing is read for a hidden channel. */
  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    if (!visible) this.#hidden.abort();
    this.#wakeup.wake();
  }

  /** The job has changed, or the host is back. */
  wake(): void {
    this.#wakeup.wake();
  }

  dispose(): void {
    this.#disposed.abort();
    clearTimeout(this.#timer);
  }

  /** @returns whether there may be more to do at once */
  async #step(): Promise<boolean> {
    const service = this.#options.service();
    if (!service || !this.#visible) return false;
    const job = await service.getJob(this.#options.jobId);
    if (job.run === null) this.#sayWhy(job);
    if (job.run === null || (this.#hasEnded && job.run === this.#run)) return false;
    if (this.#run === 0 || this.#hasEnded) this.#begin(job, job.run);
    const run = runOf(job, this.#run);
    if (!(await this.#copy(service, run))) return true;
    const after = await service.getJob(job.id);
    const ended = runOf(after, run.number);
    if (!isEnded(ended.status)) return false;
    this.#append(this.#options.text.runEnd(ended));
    this.#hasEnded = true;
    this.#options.ended?.(after);
    return true;
  }

  #begin(job: Job, number: number): void {
    const { text } = this.#options;
    const run = runOf(job, number);
    this.#append((this.#run === 0 ? text.head?.(job, run) : text.runStart(job, run)) ?? '');
    this.#run = number;
    this.#cursor = 0;
    this.#hasEnded = false;
  }

  #sayWhy(job: Job): void {
    if (!this.#hasSaidWhy) this.#append(this.#options.text.notStarted?.(job) ?? '');
    this.#hasSaidWhy = true;
  }

  /** @returns true at the end of the run's output; false when it was hidden, disposed or has fallen too far behind */
  async #copy(service: JobService, run: Run): Promise<boolean> {
    const { pace, jobId } = this.#options;
    let skipped = this.#skip(await writtenBytes(run));
    this.#hidden = new AbortController();
    const signal = AbortSignal.any([this.#hidden.signal, this.#disposed.signal]);
    if (!this.#visible) this.#hidden.abort();
    const query = { run: run.number, since: this.#cursor };
    const limits = { everyMs: appendEveryMs, maxBytes: pace.appendBytes };
    for await (const chunks of batched((stop) => service.followOutput(jobId, query, stop), limits, signal)) {
      if (signal.aborted) break;
      const read = chunks.reduce((sum, { length }) => sum + length, 0);
      // Positions have no gaps: what the chunks do not cover was dropped.
      const seq = chunks.reduce((most, chunk) => Math.max(most, chunk.seq), this.#cursor);
      const dropped = seq - this.#cursor - read;
      this.#cursor = seq;
      this.#append(await this.#render(chunks, run, { skipped, dropped }));
      const isBehind = skipped > 0 || read > pace.appendBytes / 2;
      if (skipped > 0) await this.#pause(afterSkipMs);
      skipped = 0;
      if (isBehind && (await writtenBytes(run)) - this.#cursor > pace.mostBehind) return false;
    }
    return !signal.aborted;
  }

  /** @returns how many bytes are left out, because the channel is too far behind */
  #skip(end: number): number {
    const { appendBytes, mostBehind } = this.#options.pace;
    if (end - this.#cursor <= mostBehind) return 0;
    // A channel that is opened late shows as much as it may; one that a flood outruns shows one append and lets it pass.
    const keep = this.#cursor === 0 ? mostBehind : appendBytes;
    const skipped = end - keep - this.#cursor;
    this.#cursor += skipped;
    return skipped;
  }

  async #render(chunks: readonly Chunk[], run: Run, leftOut: LeftOut): Promise<string> {
    clearTimeout(this.#timer);
    let text = '';
    let notSaid = leftOut;
    let began = performance.now();
    for (const slice of slices(chunks)) {
      text += this.#options.text.output([slice], run, notSaid);
      notSaid = { skipped: 0, dropped: 0 };
      if (performance.now() - began < sliceMs) continue;
      await nextTurn();
      began = performance.now();
    }
    return text;
  }

  #append(text: string): void {
    clearTimeout(this.#timer);
    if (this.#disposed.signal.aborted) return;
    const due = this.#options.text.due?.();
    const all = text + (due?.text ?? '');
    if (all !== '') this.#options.append(all);
    if (due?.inMs !== undefined) this.#timer = setTimeout(() => this.#append(''), due.inMs);
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#disposed.signal }).catch(() => undefined);
  }
}

/** Cuts no character in two. */
function* slices(chunks: readonly Chunk[]): Generator<Chunk, void, void> {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.text.length || at === 0;) {
      const isPair = (chunk.text.codePointAt(at + sliceLength - 1) ?? 0) > 0xffff;
      const end = at + sliceLength + (isPair ? 1 : 0);
      yield { ...chunk, text: chunk.text.slice(at, end) };
      at = end;
    }
  }
}

function runOf(job: Job, number: number): Run {
  const run = job.runs.find((candidate) => candidate.number === number);
  if (!run) throw new BgJobsError('run_not_found', `Job ${job.shortId} has no run ${number}`);
  return run;
}

/** What a run has written by now, as its logs tell; 0 for logs that were removed. */
async function writtenBytes({ logs }: Run): Promise<number> {
  const paths = [logs.stdout, logs.stderr].filter((path) => path !== null);
  const sizes = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
