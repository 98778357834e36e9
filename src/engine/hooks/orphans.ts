import type { SignalName } from '../../api/signals.ts';
import { unlessFull } from '../../store/database.ts';
import { runIdOf, type End, type Leftover, type RunRow } from '../../store/runTable.ts';
import { findOrphans, type RunTarget } from '../../processes/runTree.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import { killTree, type KillOutcome } from '../../processes/killTree.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import type { ActiveRun, HookDeps, RunHook } from './hook.ts';

/** At most one scan of all processes in this time, however many runs end. */
const scanEveryMs = 1000;

const nothing: KillOutcome = { escalated: false, durationMs: 0, survivors: [], ended: 0 };

/**
 * Finds the processes that outlive the main process of a run. A group that still has members is scanned before the end is
 * recorded; processes that left the group (setsid, daemons) are found only by a scan of all processes, and one scan serves
 * all runs that ended since the last one.
 */
export class Orphans implements RunHook {
  readonly name = 'orphans';
  readonly #table: ProcessTable;
  readonly #store: Store;
  readonly #report: (error: unknown) => void;
  #waiting = new Map<string, { target: RunTarget; job: JobRow }>();
  #timer: NodeJS.Timeout | undefined;
  #lastScan = -scanEveryMs;

  constructor({ table, store, report }: Pick<HookDeps, 'table' | 'store' | 'report'>) {
    this.#table = table;
    this.#store = store;
    this.#report = report;
  }

  /** The orphans, as far as they can be found without a scan for each run. Null: they are still to be looked for. */
  async beforeEnd({ target }: Pick<ActiveRun, 'target'>): Promise<Partial<End>> {
    const isQuiet = performance.now() - this.#lastScan > scanEveryMs;
    if (!isQuiet && (!target.supervisor || this.#table.groupIsEmpty(target.supervisor.pid))) return { leftovers: null };
    const found = (await this.#scan([{ justEnded: true, ...target }])).get(target.runId);
    return found ? { leftovers: found } : {};
  }

  ended({ job, record, target }: ActiveRun, { leftovers }: End): void {
    if (leftovers === null) this.#scanLater(job, { justEnded: true, ...target });
    else this.#applyOption(job, record.number);
  }

  /** Goes on with orphans of an ended run that an earlier host had still to look for, or to end. */
  adopt(job: JobRow, run: RunRow, target: RunTarget): void {
    if (run.leftovers.length === 0) this.#scanLater(job, target);
    else this.#applyOption(job, run.number);
  }

  /** Scans for the known orphans of an ended job, and records what has changed. */
  async refresh(job: JobRow): Promise<Leftover[]> {
    const run = job.run === null ? undefined : this.#store.runs.byNumber(job.row, job.run);
    return run && run.leftovers.length > 0 ? this.#refresh(job, run) : [];
  }

  /** Where the known orphans of an ended job are found. Undefined when there are none. */
  targetOf(job: JobRow): RunTarget | undefined {
    const run = job.run === null ? undefined : this.#store.runs.byNumber(job.row, job.run);
    return run && run.leftovers.length > 0 ? this.#known(job, run) : undefined;
  }

  /** Kills the orphans of a run of the job, by default the current one, and records what is left. */
  async kill(job: JobRow, signal: SignalName, graceMs: number, number = job.run): Promise<KillOutcome> {
    const run = number === null ? undefined : this.#store.runs.byNumber(job.row, number);
    if (!run || run.leftovers.length === 0) return nothing;
    const outcome = await killTree(this.#table, this.#known(job, run), { signal, graceMs });
    await this.#refresh(job, run);
    return outcome;
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  /** With the option `leftovers: kill`. @param number of the run, which may not be the current one any more */
  #applyOption(job: JobRow, number: number): void {
    const { leftovers, graceMs } = job.spec;
    if (leftovers === 'kill') this.kill(job, 'SIGTERM', graceMs, number).catch(this.#report);
  }

  #scanLater(job: JobRow, target: RunTarget): void {
    this.#waiting.set(target.runId, { target, job });
    this.#timer ??= setTimeout(() => void this.#scanWaiting().catch(this.#report), scanEveryMs);
  }

  async #refresh(job: JobRow, run: RunRow): Promise<Leftover[]> {
    const target = this.#known(job, run);
    const processes = (await this.#scan([target])).get(target.runId) ?? [];
    // With a full disk the caller gets an answer all the same; the next scan sees the change again.
    if (processes.length !== run.leftovers.length) unlessFull(() => this.#store.setLeftovers(job, run, processes));
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
        this.#applyOption(job, run.number);
      }
    }
    this.#store.runs.clearLeftovers(clear);
  }
}
