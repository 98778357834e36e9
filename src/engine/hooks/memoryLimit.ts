import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunTree, bornSince } from '../../processes/runTree.ts';
import type { End } from '../../store/runTable.ts';
import type { ActiveRun, HookDeps, RunHook } from './hook.ts';

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
export class MemoryLimit implements RunHook {
  readonly name = 'memoryLimit';
  readonly #deps: Pick<HookDeps, 'table' | 'report'>;
  readonly #watched = new Map<ActiveRun, Watched>();
  #closing: AbortController | undefined;

  constructor(deps: Pick<HookDeps, 'table' | 'report'>) {
    this.#deps = deps;
  }

  started(run: ActiveRun): void {
    const limit = run.job.spec.limits.memoryBytes;
    if (limit === undefined || run.isBeingKilled) return;
    this.#watched.set(run, {
      limit,
      tree: new RunTree(this.#deps.table, run.target),
      bytes: 0,
      at: performance.now(),
      growth: Infinity,
    });
    if (this.#closing) return;
    this.#closing = new AbortController();
    void this.#watch(this.#closing.signal);
  }

  ended(run: ActiveRun): void {
    this.#watched.delete(run);
    if (this.#watched.size === 0) this.dispose();
  }

  dispose(): void {
    this.#closing?.abort();
    this.#closing = undefined;
    this.#watched.clear();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const begun = performance.now();
      await this.#poll(signal).catch(this.#deps.report);
      const tookMs = performance.now() - begun;
      const soonest = Math.min(...this.#watched.values().map(msToLimit));
      const pause = Math.min(Math.max(soonest, interval.shortestMs), interval.longestMs);
      await sleep(Math.max(pause, tookMs * restPerPoll), undefined, { signal }).catch(() => undefined);
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { table } = this.#deps;
    const watched = [...this.#watched];
    const snapshot = await table.scan(Math.min(...watched.map(([{ target }]) => bornSince(target))));
    for (const [run, one] of watched) {
      const bytes = await table.memoryOf(one.tree.claim(snapshot).members, one.limit);
      if (signal.aborted) return;
      if (!this.#watched.has(run)) continue;
      run.maxMemory = Math.max(run.maxMemory ?? 0, bytes);
      note(one, bytes);
      if (bytes <= one.limit) continue;
      this.ended(run);
      // It goes on taking more, so there is no grace time.
      run.expire('out_of_memory', {
        signal: 'SIGKILL',
        graceMs: 0,
        reasonText: `${mebibytes(bytes)} in memory, ${mebibytes(one.limit)} allowed`,
      });
    }
  }
}

function note(watched: Watched, bytes: number): void {
  const at = performance.now();
  watched.growth = (bytes - watched.bytes) / (at - watched.at);
  Object.assign(watched, { bytes, at });
}

/** Assumes that it goes on growing at the same rate. */
function msToLimit({ limit, bytes, growth }: Watched): number {
  return growth > 0 ? (limit - bytes) / growth : Infinity;
}

/** With two decimals, so that a value just above a limit does not look equal to it. */
function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(2)} MiB`;
}

/** One reading serves all runs that start within this time, so that a thousand starts do not cost a thousand readings. */
const freshMs = 1000;

/** The exit code of a shell whose program was ended by SIGKILL. */
const killedInShell = 137;

/**
 * Tells a SIGKILL by the kernel for lack of memory from one that somebody else sent. The kernel gives no reason, but it
 * counts; so the count at the end of a run is compared with the count at its start. Without a count nothing is claimed.
 */
export class OutOfMemory implements RunHook {
  readonly name = 'outOfMemory';
  readonly #count: () => number | null;
  readonly #now: () => number;
  readonly #atStart = new Map<ActiveRun, number | null>();
  #last: { at: number; count: number | null } | undefined;

  /** @param count the number of processes that the kernel has ended so; null where it does not tell */
  constructor(count: () => number | null = createOomKillCount(), now: () => number = () => performance.now()) {
    this.#count = count;
    this.#now = now;
  }

  started(run: ActiveRun): void {
    this.#atStart.set(run, this.#recent());
  }

  beforeEnd(run: ActiveRun, { status, signal, exitCode }: End): Partial<End> {
    const before = this.#atStart.get(run) ?? null;
    const isKill = signal === 'SIGKILL' || exitCode === killedInShell;
    if (status !== 'failed' || !isKill || before === null) return {};
    const now = this.#count();
    return now !== null && now > before ? { reason: 'out_of_memory' } : {};
  }

  ended(run: ActiveRun): void {
    this.#atStart.delete(run);
  }

  /** The count, at most a second old: 25 µs, once a second. */
  #recent(): number | null {
    if (!this.#last || this.#now() - this.#last.at > freshMs) this.#last = { at: this.#now(), count: this.#count() };
    return this.#last.count;
  }
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
