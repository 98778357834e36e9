import type { SignalName } from '../../api/signals.ts';
import { isDiskFull } from '../../store/diskFull.ts';
import { runIdOf } from '../../store/runFolder.ts';
import { findOrphans, type RunTarget } from '../../processes/runTree.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import { killTree, type KillOutcome } from '../../processes/killTree.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Leftover, RunRow } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';

/** At most one scan of all processes in this time, however many runs end. */
const scanEveryMs = 1000;

const nothing: KillOutcome = { escalated: false, durationMs: 0, survivors: [], ended: 0 };

/**
 * Finds what outlives the main process of a run. A group that still has members is looked at before the end is
 * recorded; those who left the group (setsid, daemons) only a scan of all processes finds, and a scan serves all runs
 * that ended since the last one.
 */
export class LeftoverScanner {
  readonly #table: ProcessTable;
  readonly #store: Store;
  readonly #report: (error: unknown) => void;
  #waiting = new Map<string, { target: RunTarget; job: JobRow }>();
  #timer: NodeJS.Timeout | undefined;
  #lastScan = -scanEveryMs;

  constructor(table: ProcessTable, store: Store, report: (error: unknown) => void) {
    this.#table = table;
    this.#store = store;
    this.#report = report;
  }

  /** What is left of a run whose main process has just ended, as far as it can be told without a scan for each. */
  async atEnd(job: JobRow, run: Pick<RunRow, 'row'>, target: RunTarget): Promise<Leftover[]> {
    const ended = { justEnded: true, ...target };
    const isQuiet = performance.now() - this.#lastScan > scanEveryMs;
    if (isQuiet || (target.supervisor && !this.#table.groupIsEmpty(target.supervisor.pid))) {
      return (await this.#scan([ended])).get(target.runId) ?? [];
    }
    this.#lookLater(job, ended);
    this.#store.runs.update(run.row, { leftovers: null });
    return [];
  }

  /** Goes on with what an earlier host had still to look for, or to end, of a run that has ended. */
  takeOver(job: JobRow, run: RunRow, target: RunTarget): void {
    if (run.leftovers.length === 0) this.#lookLater(job, target);
    else this.applyOption(job, run.number).catch(this.#report);
  }

  /** Looks again at what an ended job is known to have left, and records what has changed. */
  async refresh(job: JobRow): Promise<Leftover[]> {
    const run = job.run === null ? undefined : this.#store.runs.byNumber(job.row, job.run);
    return run && run.leftovers.length > 0 ? this.#refresh(job, run) : [];
  }

  /** Where to look for what an ended job is known to have left. Undefined: nothing is known of. */
  targetOf(job: JobRow): RunTarget | undefined {
    const run = job.run === null ? undefined : this.#store.runs.byNumber(job.row, job.run);
    return run && run.leftovers.length > 0 ? this.#known(job, run) : undefined;
  }

  /** Ends what a run of the job, the current one, has left, and records it. */
  async end(job: JobRow, signal: SignalName, graceMs: number, number = job.run): Promise<KillOutcome> {
    const run = number === null ? undefined : this.#store.runs.byNumber(job.row, number);
    if (!run || run.leftovers.length === 0) return nothing;
    const outcome = await killTree(this.#table, this.#known(job, run), { signal, graceMs });
    await this.#refresh(job, run);
    return outcome;
  }

  /** `leftovers: kill` was asked for at the start. @param number of the run, which need not be the current one any more */
  async applyOption(job: JobRow, number: number): Promise<void> {
    if (job.spec.leftovers === 'kill') await this.end(job, 'SIGTERM', job.spec.graceMs, number);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #lookLater(job: JobRow, target: RunTarget): void {
    this.#waiting.set(target.runId, { target, job });
    this.#timer ??= setTimeout(() => void this.#scanWaiting().catch(this.#report), scanEveryMs);
  }

  async #refresh(job: JobRow, run: RunRow): Promise<Leftover[]> {
    const target = this.#known(job, run);
    const processes = (await this.#scan([target])).get(target.runId) ?? [];
    try {
      if (processes.length !== run.leftovers.length) this.#store.setLeftovers(job, run, processes);
    } catch (error) {
      // Who asks for a job gets an answer; what has changed is seen again at the next look.
      if (!isDiskFull(error)) throw error;
    }
    return processes;
  }

  #known(job: JobRow, run: RunRow): RunTarget {
    return { runId: runIdOf(job.id, run.number), supervisor: null, logs: [], seen: run.leftovers };
  }

  async #scan(targets: readonly RunTarget[]): Promise<Map<string, Leftover[]>> {
    this.#lastScan = performance.now();
    const bootId = this.#table.bootId();
    const found = await findOrphans(this.#table, targets);
    return new Map(
      [...found].map(([runId, processes]) => [
        runId,
        processes.map(({ pid, startTime, command }) => ({ pid, startTime, bootId, command })),
      ]),
    );
  }

  async #scanWaiting(): Promise<void> {
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = new Map();
    const found = await this.#scan([...waiting.values()].map(({ target }) => target));
    const clear: number[] = [];
    for (const [runId, { job }] of waiting) {
      const run = this.#store.runs.byNumber(job.row, Number(runId.split('.')[1]));
      if (!run) continue;
      const processes = found.get(runId);
      if (!processes) clear.push(run.row);
      else {
        this.#store.setLeftovers(job, run, processes);
        this.applyOption(job, run.number).catch(this.#report);
      }
    }
    this.#store.runs.clearLeftovers(clear);
  }
}
