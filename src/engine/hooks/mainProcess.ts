import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/runTree.ts';
import type { End } from '../../store/runTable.ts';
import type { ActiveRun, HookDeps, RunHook } from './hook.ts';

/** Delays between polls. The supervisor needs about a millisecond to start the command; on a busy machine, more. */
const pollDelaysMs = [1, 1, 2, 4, 8, 16, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** Finds the command's own process and records its pid. Gives up when the run ends first. */
export function mainPid({ store, table, report }: HookDeps): RunHook {
  async function find(run: ActiveRun): Promise<void> {
    for (const ms of pollDelaysMs) {
      await sleep(ms, undefined, { ref: false });
      if (run.isBeingKilled || run.isOver) return;
      const { supervisor } = run.process;
      const pid = supervisor ? mainProcessOf(table, supervisor) : undefined;
      if (pid !== undefined) return store.setKnown(run.job, run.record, { pid });
    }
  }
  const started = (run: ActiveRun): void => {
    if (run.record.pid === null) run.pidKnown = find(run).catch(report);
  };
  return { name: 'mainPid', started };
}

/** The pid of the run's command: the supervisor's child that is not a FIFO keeper. Undefined before its start and after its end. */
export function mainProcessOf(table: ProcessTable, supervisor: ProcessIdentity): number | undefined {
  // In this order: before a child has loaded its program nobody can say whether it becomes a keeper.
  const isCommand = (pid: number): boolean => table.hasLoaded(pid, supervisor.pid) && table.isKeeper(pid) === false;
  return table.childrenOf(supervisor.pid).find(isCommand);
}

/** One reading (25 µs) serves all runs that start within this time. */
const freshMs = 1000;

/** The exit code of a shell whose program was ended by SIGKILL. */
const killedInShell = 137;

/**
 * Tells a SIGKILL by the kernel for lack of memory from one that somebody else sent. The kernel gives no reason, but it
 * counts; so the count at the end of a run is compared with the count at its start. Without a count nothing is claimed.
 * @param count the number of processes that the kernel has ended so; null where it does not tell
 */
export function outOfMemory(count: () => number | null = createOomKillCount(), now = () => performance.now()) {
  const atStart = new WeakMap<ActiveRun, number | null>();
  let last = { at: -Infinity, count: null as number | null };

  function started(run: ActiveRun): void {
    if (now() - last.at > freshMs) last = { at: now(), count: count() };
    atStart.set(run, last.count);
  }

  function beforeEnd(run: ActiveRun, { status, signal, exitCode }: End): Partial<End> {
    const before = atStart.get(run) ?? null;
    const isKill = signal === 'SIGKILL' || exitCode === killedInShell;
    if (status !== 'failed' || !isKill || before === null) return {};
    const after = count();
    return after !== null && after > before ? { reason: 'out_of_memory' } : {};
  }

  return { name: 'outOfMemory', started, beforeEnd } satisfies RunHook;
}

/**
 * Counts in this process's own cgroup, where there is one: jobs are in it too, and processes in other containers do not
 * count. Otherwise on the whole machine. Null on systems other than Linux.
 */
export function createOomKillCount(root = '/'): () => number | null {
  const [, cgroup] = /^0::(\/.*)$/m.exec(read(`${root}proc/self/cgroup`)) ?? [];
  const own = `${root}sys/fs/cgroup${cgroup ?? ''}/memory.events`;
  const path = existsSync(own) ? own : `${root}proc/vmstat`;
  return () => {
    const [, count] = /^oom_kill (\d+)$/m.exec(read(path)) ?? [];
    return count === undefined ? null : Number(count);
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
