import type { SignalName } from '../../api/signals.ts';
import { unlessFull } from '../../store/database.ts';
import { runIdOf, type End, type Leftover, type RunRow } from '../../store/runTable.ts';
import { findOrphans, type RunTarget } from '../../processes/runTree.ts';
import { killTree, type KillOutcome } from '../../processes/killTree.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { ActiveRun, HookDeps, RunHook } from './hook.ts';

/** At most one scan of all processes in this time, however many runs end. */
const scanEveryMs = 1000;

/**
 * Finds the processes that outlive the main process of a run. A group that still has members is scanned before the end is
 * recorded; processes that left the group (setsid, daemons) are found only by a scan of all processes, and one scan serves
 * all runs that ended since the last one.
 */
export function createOrphans({ table, store, report }: Pick<HookDeps, 'table' | 'store' | 'report'>) {
  let waiting = new Map<string, { target: RunTarget; job: JobRow }>();
  let timer: NodeJS.Timeout | undefined;
  let lastScan = -scanEveryMs;

  /** The orphans, as far as they can be found without a scan for each run. Null: they are still to be looked for. */
  async function beforeEnd({ target }: Pick<ActiveRun, 'target'>): Promise<Partial<End>> {
    const isQuiet = performance.now() - lastScan > scanEveryMs;
    if (!isQuiet && (!target.supervisor || table.groupIsEmpty(target.supervisor.pid))) return { leftovers: null };
    const found = (await scan([{ justEnded: true, ...target }])).get(target.runId);
    return found ? { leftovers: found } : {};
  }

  function left({ job, record, target }: ActiveRun, leftovers: Leftover[] | null): void {
    if (leftovers === null) scanLater(job, { justEnded: true, ...target });
    else applyOption(job, record.number);
  }

  /** Goes on with orphans of an ended run that an earlier host had still to look for, or to end. */
  function adopt(job: JobRow, run: RunRow, target: RunTarget): void {
    if (run.leftovers.length === 0) scanLater(job, target);
    else applyOption(job, run.number);
  }

  /** Scans for the known orphans of an ended job, and records what has changed. */
  async function refresh(job: JobRow): Promise<Leftover[]> {
    const run = runWithOrphans(job);
    return run ? scanAgain(job, run) : [];
  }

  /** Where the known orphans of an ended job are found. Undefined when there are none. */
  function targetOf(job: JobRow): RunTarget | undefined {
    const run = runWithOrphans(job);
    return run && known(job, run);
  }

  /** Kills the orphans of a run of the job, by default the current one, and records what is left. */
  async function kill(job: JobRow, signal: SignalName, graceMs: number, number = job.run): Promise<KillOutcome> {
    const run = runWithOrphans(job, number);
    if (!run) return { escalated: false, durationMs: 0, survivors: [], ended: 0 };
    const outcome = await killTree(table, known(job, run), { signal, graceMs });
    await scanAgain(job, run);
    return outcome;
  }

  function runWithOrphans(job: JobRow, number = job.run): RunRow | undefined {
    const run = store.runs.byNumber(job.row, number);
    return run && run.leftovers.length > 0 ? run : undefined;
  }

  /** With the option `leftovers: kill`. @param number of the run, which may not be the current one any more */
  function applyOption(job: JobRow, number: number): void {
    const { leftovers, graceMs } = job.spec;
    if (leftovers === 'kill') kill(job, 'SIGTERM', graceMs, number).catch(report);
  }

  function scanLater(job: JobRow, target: RunTarget): void {
    waiting.set(target.runId, { target, job });
    timer ??= setTimeout(() => void scanWaiting().catch(report), scanEveryMs);
  }

  async function scanAgain(job: JobRow, run: RunRow): Promise<Leftover[]> {
    const target = known(job, run);
    const processes = (await scan([target])).get(target.runId) ?? [];
    // With a full disk the caller gets an answer all the same; the next scan sees the change again.
    if (processes.length !== run.leftovers.length) unlessFull(() => store.setLeftovers(job, run, processes));
    return processes;
  }

  async function scan(targets: readonly RunTarget[]): Promise<Map<string, Leftover[]>> {
    lastScan = performance.now();
    const bootId = table.bootId();
    const found = await findOrphans(table, targets);
    const leftover = ({ pid, startTime, command }: Omit<Leftover, 'bootId'>) => ({ pid, startTime, bootId, command });
    return new Map([...found].map(([runId, processes]) => [runId, processes.map(leftover)]));
  }

  async function scanWaiting(): Promise<void> {
    timer = undefined;
    const scanned = waiting;
    waiting = new Map();
    const found = await scan([...scanned.values()].map(({ target }) => target));
    const clear: number[] = [];
    for (const [runId, { job }] of scanned) {
      const run = store.runs.byNumber(job.row, Number(runId.split('.')[1]));
      if (!run) continue;
      const processes = found.get(runId);
      if (!processes) clear.push(run.row);
      else {
        store.setLeftovers(job, run, processes);
        applyOption(job, run.number);
      }
    }
    store.runs.clearLeftovers(clear);
  }

  const hook = { name: 'orphans', beforeEnd, left, dispose: () => clearTimeout(timer) } satisfies RunHook;
  return { ...hook, adopt, refresh, targetOf, kill };
}

export type Orphans = ReturnType<typeof createOrphans>;

function known(job: JobRow, run: RunRow): RunTarget {
  return { runId: runIdOf(job.id, run.number), supervisor: null, logs: [], seen: run.leftovers };
}
