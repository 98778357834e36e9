import { setTimeout as sleep } from 'node:timers/promises';
import { bornSince, RunTree } from '../../processes/runTree.ts';
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
