import { setTimeout as sleep } from 'node:timers/promises';
import { RunTree, bornSince } from '../../processes/runTree.ts';
import { clock } from '../../store/clock.ts';
import { ageOf, type ActiveRun, type HookDeps, type RunHook } from './hook.ts';

/** One timer per run, until the run ends or is killed. */
function runTimers() {
  const timers = new Map<ActiveRun, NodeJS.Timeout>();
  const stopped = (run: ActiveRun): void => {
    clearTimeout(timers.get(run));
    timers.delete(run);
  };
  const after = (run: ActiveRun, ms: number, work: () => void): void => {
    const fire = (): void => {
      timers.delete(run);
      work();
    };
    timers.set(run, setTimeout(fire, Math.max(0, ms)));
  };
  const dispose = (): void => [...timers.keys()].forEach(stopped);
  return { stopped, after, dispose };
}

/** Ends a run after its `timeoutMs`, counted from its start, so that a restart of the host does not extend it. Like all limits
 * it counts the time that the machine is awake. */
export function timeLimit({ settings, now }: HookDeps): RunHook {
  const { after, ...rest } = runTimers();
  const started = (run: ActiveRun): void => {
    const { timeoutMs = settings.current.jobTimeoutMs } = run.job.spec;
    after(run, timeoutMs - ageOf(run, now()), () => run.expire('timeout'));
  };
  return { name: 'timeLimit', started, ...rest };
}

/** Ends a run that has written nothing for its `idleTimeoutMs`. */
export function idleLimit({ tracker, now }: HookDeps): RunHook {
  const { after, ...rest } = runTimers();
  const check = (run: ActiveRun, idleTimeoutMs: number): void => {
    const { row, status } = run.record;
    tracker.observe(row);
    const quietMs = Math.min(tracker.quietMs(row), ageOf(run, now()), clock.awake() - run.resumedAt);
    // A paused run cannot write.
    const left = status === 'paused' ? idleTimeoutMs : idleTimeoutMs - quietMs;
    if (left > 0) after(run, left, () => check(run, idleTimeoutMs));
    else run.expire('idle_timeout');
  };
  const started = (run: ActiveRun): void => {
    const { idleTimeoutMs } = run.job.spec;
    if (idleTimeoutMs !== undefined) after(run, 0, () => check(run, idleTimeoutMs));
  };
  return { name: 'idleLimit', started, ...rest };
}

/** Between two polls: the sooner a run may reach its limit, the shorter. */
const interval = { shortestMs: 50, longestMs: 500 };
/** Polling takes at most a tenth of the time: a poll takes 5 ms on Linux, and a second with PowerShell. */
const restPerPoll = 10;

interface Watched {
  readonly limit: number;
  readonly tree: RunTree;
  /** At the last poll. */
  bytes: number;
  at: number;
  /** Bytes per millisecond between the last two polls. */
  growth: number;
}

/** Ends runs whose trees hold more memory than they may. One timer serves all runs with a limit; without any there is none. */
export function memoryLimit({ table, report }: Pick<HookDeps, 'table' | 'report'>) {
  const watched = new Map<ActiveRun, Watched>();
  let closing: AbortController | undefined;

  function started(run: ActiveRun): void {
    const limit = run.job.spec.limits.memoryBytes;
    if (limit === undefined) return;
    const tree = new RunTree(table, run.target);
    watched.set(run, { limit, tree, bytes: 0, at: performance.now(), growth: Infinity });
    if (closing) return;
    closing = new AbortController();
    void watch(closing.signal);
  }

  function ended(run: ActiveRun): void {
    watched.delete(run);
    if (watched.size === 0) dispose();
  }

  function dispose(): void {
    closing?.abort();
    closing = undefined;
    watched.clear();
  }

  async function watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const begun = performance.now();
      await poll(signal).catch(report);
      const tookMs = performance.now() - begun;
      const soonest = Math.min(...watched.values().map(msToLimit));
      const pause = Math.min(Math.max(soonest, interval.shortestMs), interval.longestMs);
      await sleep(Math.max(pause, tookMs * restPerPoll), undefined, { signal }).catch(() => undefined);
    }
  }

  async function poll(signal: AbortSignal): Promise<void> {
    const polled = [...watched];
    const snapshot = await table.scan(Math.min(...polled.map(([{ target }]) => bornSince(target))));
    for (const [run, one] of polled) {
      const bytes = await table.memoryOf(one.tree.claim(snapshot).members, one.limit);
      if (signal.aborted) return;
      if (!watched.has(run)) continue;
      run.maxMemory = Math.max(run.maxMemory ?? 0, bytes);
      const at = performance.now();
      Object.assign(one, { growth: (bytes - one.bytes) / (at - one.at), bytes, at });
      if (bytes <= one.limit) continue;
      ended(run);
      const reasonText = `${mebibytes(bytes)} in memory, ${mebibytes(one.limit)} allowed`;
      // It goes on taking more, so there is no grace time.
      run.expire('out_of_memory', { signal: 'SIGKILL', graceMs: 0, reasonText });
    }
  }

  return { name: 'memoryLimit', started, ended, dispose } satisfies RunHook;
}

/** Assumes that it goes on growing at the same rate. */
function msToLimit({ limit, bytes, growth }: Watched): number {
  return growth > 0 ? (limit - bytes) / growth : Infinity;
}

/** With two decimals, so that a value just above a limit does not look equal to it. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(2)} MiB`;
}
