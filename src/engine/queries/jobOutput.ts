import { BgJobsError } from '../../api/errors.ts';
import type { Chunk, Output, OutputOptions } from '../../api/output.ts';
import { isEnded } from '../../api/values.ts';
import type { LinePattern } from '../output/lines.ts';
import { followOutput, readOutput, waitForPattern, type RunOutput } from '../output/readOutput.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import { logsOf } from '../output/runLogs.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { RunRow } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';

/** Reads the output of jobs: a finished one reads the same as a running one, one that has not run has none. */
export class JobOutput {
  readonly #store: Store;
  readonly #tracker: OutputTracker;
  readonly #home: string;

  constructor(store: Store, tracker: OutputTracker, home: string) {
    this.#store = store;
    this.#tracker = tracker;
    this.#home = home;
  }

  /** @throws BgJobsError `run_not_found` for a run that never was */
  async read(job: JobRow, options: OutputOptions): Promise<Output> {
    const run = this.#run(job, options.run);
    if (!run) return { chunks: [], next: options.since ?? 0, droppedBytes: 0, status: job.status, more: false };
    this.#tracker.observe(run.row);
    return { ...(await readOutput(this.#output(job, run), options)), status: job.status };
  }

  /** @throws BgJobsError `run_not_found`, `invalid_request` */
  async *follow(job: JobRow, options: OutputOptions, signal: AbortSignal): AsyncGenerator<Chunk> {
    const run = this.#run(job, options.run);
    if (!run) return;
    this.#tracker.observe(run.row);
    yield* followOutput(this.#output(job, run), options, signal);
  }

  /** @returns the line; undefined when the run ends without it, there is none, or the signal is aborted */
  async waitFor(job: JobRow, pattern: LinePattern, signal: AbortSignal): Promise<string | undefined> {
    const run = this.#run(job, undefined);
    if (!run) return undefined;
    return (await waitForPattern(this.#output(job, run), pattern, signal))?.text;
  }

  #run(job: JobRow, number: number | undefined): RunRow | undefined {
    const wanted = number ?? job.run;
    const run = wanted === null ? undefined : this.#store.runs.byNumber(job.row, wanted);
    if (number !== undefined && !run) {
      throw new BgJobsError('run_not_found', `Job ${job.id.slice(0, 8)} has no run ${number}.`, { run: job.run });
    }
    return run;
  }

  #output(job: JobRow, run: RunRow): RunOutput {
    return {
      index: this.#store.chunks,
      // While the logs can still be cut, the object that the tracker keeps up to date.
      logs: this.#tracker.logsOf(run.row) ?? logsOf(this.#home, job, run),
      growth: this.#tracker,
      isEnded: () => isEnded(this.#store.runs.byNumber(job.row, run.number)?.status ?? 'lost'),
    };
  }
}
