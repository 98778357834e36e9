import { isDeepStrictEqual } from 'node:util';
import type { SignalName } from '../../api/signals.ts';
import { unlessFull } from '../../store/database.ts';
import { runIdOf, type End, type Leftover, type RunRow } from '../../store/runTable.ts';
import { findOrphans, mayHaveOrphans, type RunTarget } from '../../processes/runTree.ts';
import { killTree, type KillOutcome } from '../../processes/killTree.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { ActiveRun, HookDeps, RunHook } from './hook.ts';

/** At most one scan of all processes in this time, however many runs end; unless somebody asks. */
const scanEveryMs = 1000;

/** An ended run that has left processes, or whose orphans are still to be looked for. */
interface Ended {
  job: JobRow;
  number: number;
  target: RunTarget;
}

/**
 * Finds the processes that outlive the main process of a run. A group that still has members is scanned before the end is
 * recorded; processes that left the group (setsid, daemons) are found only by a scan of all processes, and one scan serves
 * all runs that ended since the last one. Whoever asks for what a run has left does not wait for that scan.
 */
export function createOrphans(
  { table, store, report }: Pick<HookDeps, 'table' | 'store' | 'report'>,
  onCleared: (jobId: string) => void,
) {
  /** Keyed by run id: runs whose orphans are still to be looked for. */
  const pending = new Map<string, Ended & { seemsClear?: boolean }>();
  /** The ids of runs whose orphans are being ended because the option says so, and of their jobs. */
  const clearing = new Map<string, string>();
  /** The pids of the supervisors of live runs. */
  const supervisors = new Set<number>();
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let lastScan = -scanEveryMs;

  /** The orphans, as far as they can be found without a scan for each run. Null: they are still to be looked for. */
  async function beforeEnd({ job, target }: Pick<ActiveRun, 'job' | 'target'>): Promise<Partial<End>> {
    const isQuiet = performance.now() - lastScan > scanEveryMs;
    const isEmpty = !target.supervisor || table.groupIsEmpty(target.supervisor.pid);
    // With the option kill, whoever waits for the job finds nothing of it.
    if (!isQuiet && isEmpty && job.spec.leftovers !== 'kill') return { leftovers: null };
    const found = (await scan([{ justEnded: true, ...target }])).get(target.runId);
    return found ? { leftovers: found } : {};
  }

  function left({ job, record, target }: ActiveRun, leftovers: Leftover[] | null): void {
    const ended = { job, number: record.number, target: { justEnded: true, ...target } };
    if (leftovers === null) lookLater(ended);
    else applyOption(ended);
  }

  /** Goes on with orphans of an ended run that an earlier host had still to look for, or to end. */
  function adopt(job: JobRow, run: RunRow, target: RunTarget): void {
    const ended = { job, number: run.number, target };
    if (run.leftovers.length === 0) lookLater(ended);
    else applyOption(ended);
  }

  /**
   * Looks for what ended runs have left, if that is still to be done: all that is recorded of them is true then.
   * @returns whether something may have been recorded
   */
  async function settle(jobs: readonly Pick<JobRow, 'id'>[]): Promise<boolean> {
    if (pending.size === 0) return false;
    const ids = new Set(jobs.map(({ id }) => id));
    for (const ended of [...pending.values()]) {
      if (ended.seemsClear || !ids.has(ended.job.id)) continue;
      ended.seemsClear = (await mayHaveOrphans(table, ended.target, supervisors)) === false;
      // One look serves all of them.
      if (ended.seemsClear) continue;
      await lookNow();
      return true;
    }
    return false;
  }

  /** What the runs of an ended job have left: looked for now, and recorded. @returns all that are alive */
  async function refresh(job: JobRow): Promise<Leftover[]> {
    const ended = endedRuns(job);
    if (ended.length === 0) return [];
    const isPending = ended.some(({ target }) => pending.has(target.runId));
    const found = await look(isPending ? [...new Set([...pending.values(), ...ended])] : ended);
    return ended.flatMap(({ target }) => found.get(target.runId) ?? []);
  }

  /** Where the orphans of the last run of a job may be. Undefined when there are none. */
  function targetOf(job: JobRow): RunTarget | undefined {
    return endedRuns(job).find(({ number }) => number === job.run)?.target;
  }

  /** Kills what the runs of an ended job have left, and records what remains. */
  async function kill(job: JobRow, signal: SignalName, graceMs: number): Promise<KillOutcome> {
    const ended = endedRuns(job);
    const outcomes = await Promise.all(ended.map(({ target }) => killTree(table, target, { signal, graceMs })));
    if (ended.length > 0) await look(ended);
    return {
      escalated: outcomes.some(({ escalated }) => escalated),
      durationMs: Math.max(0, ...outcomes.map(({ durationMs }) => durationMs)),
      survivors: outcomes.flatMap(({ survivors }) => survivors),
      ended: outcomes.reduce((sum, outcome) => sum + outcome.ended, 0),
    };
  }

  function endedRuns(job: JobRow): Ended[] {
    const ofJob = [...pending.values()].filter((ended) => ended.job.id === job.id);
    const runs = store.runs.ofJob(job.row).filter(({ leftovers }) => leftovers.length > 0);
    return [...ofJob, ...runs.map((run) => known(job, run))];
  }

  /** With the option `leftovers: kill`. */
  function applyOption({ job, number }: Pick<Ended, 'job' | 'number'>): void {
    const { leftovers, graceMs } = job.spec;
    const run = leftovers === 'kill' ? store.runs.byNumber(job.row, number) : undefined;
    if (!run || run.leftovers.length === 0) return;
    const ended = known(job, run);
    clearing.set(ended.target.runId, job.id);
    killTree(table, ended.target, { signal: 'SIGTERM', graceMs })
      .then(() => look([ended]))
      .catch(report)
      .finally(() => {
        clearing.delete(ended.target.runId);
        onCleared(job.id);
      });
  }

  function lookLater(ended: Ended): void {
    pending.set(ended.target.runId, ended);
    if (!isClosed) timer ??= setTimeout(() => void lookNow().catch(report), scanEveryMs);
  }

  async function lookNow(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (pending.size === 0) return;
    try {
      await look([...pending.values()]);
    } finally {
      // It could not be seen or recorded.
      for (const ended of pending.values()) lookLater(ended);
    }
  }

  /** One scan for all of them; what has changed is recorded. @returns all that are alive, keyed by run id */
  async function look(all: readonly Ended[]): Promise<Map<string, Leftover[]>> {
    const found = await scan(all.map(({ target }) => target));
    const clear: number[] = [];
    for (const ended of all) {
      const { job, number, target } = ended;
      const run = store.runs.byNumber(job.row, number);
      const processes = found.get(target.runId) ?? [];
      const isFirst = pending.get(target.runId) === ended;
      // Another look that began later has recorded it.
      if (!isFirst && run?.leftovers.length === 0) continue;
      // With a full disk the caller gets an answer all the same; the next look sees the change again.
      // One that was found before it had loaded its program has the command line of its parent.
      if (run && !isDeepStrictEqual(processes, run.leftovers)) {
        if (!unlessFull(() => store.setLeftovers(job, run, processes))) continue;
      } else if (run && isFirst) clear.push(run.row);
      if (!isFirst) continue;
      pending.delete(target.runId);
      applyOption(ended);
    }
    if (clear.length > 0) unlessFull(() => store.runs.clearLeftovers(clear));
    return found;
  }

  async function scan(targets: readonly RunTarget[]): Promise<Map<string, Leftover[]>> {
    lastScan = performance.now();
    const bootId = table.bootId();
    const found = await findOrphans(table, targets);
    const leftover = ({ pid, startTime, command }: Omit<Leftover, 'bootId'>) => ({ pid, startTime, bootId, command });
    return new Map([...found].map(([runId, processes]) => [runId, processes.map(leftover)]));
  }

  function dispose(): void {
    isClosed = true;
    clearTimeout(timer);
  }

  const isClearing = (jobId: string): boolean => clearing.values().some((id) => id === jobId);
  const started = ({ process }: ActiveRun): void =>
    void (process.supervisor && supervisors.add(process.supervisor.pid));
  const ended = ({ process }: ActiveRun): void =>
    void (process.supervisor && supervisors.delete(process.supervisor.pid));
  const hook = { name: 'orphans', started, beforeEnd, ended, left, dispose } satisfies RunHook;
  return { ...hook, adopt, settle, refresh, targetOf, kill, isClearing };
}

export type Orphans = ReturnType<typeof createOrphans>;

/** Orphans that were found before are found again, with what they have started since. */
function known(job: JobRow, run: RunRow): Ended {
  const target = { runId: runIdOf(job.id, run.number), supervisor: null, logs: [], seen: run.leftovers };
  return { job, number: run.number, target };
}
