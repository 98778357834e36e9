import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveRun } from '../runs/liveRun.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import { bornSince, RunTree } from '../../processes/runTree.ts';

/** Between two looks: the shorter the sooner a run may reach its limit. */
const interval = { shortestMs: 50, longestMs: 500 };
/** Looking takes at most a tenth of the time: a look takes 5 ms on Linux, and a second with PowerShell. */
const restPerLook = 10;

interface Watched {
  readonly limit: number;
  readonly tree: RunTree;
  /** At the last look. */
  bytes: number;
  at: number;
  /** Bytes per millisecond between the last two looks. */
  growth: number;
}

/** What is needed of a run. */
type Watchable = Pick<LiveRun, 'target' | 'maxMemory'> & { readonly job: Pick<LiveRun['job'], 'spec'> };

export interface MemoryWatchParts<Run> {
  table: ProcessTable;
  /** The run holds more than it may; it is not looked at any more. */
  exceeded: (run: Run, text: string) => void;
  report: (error: unknown) => void;
}

/** Looks at what the trees of runs with a memory limit hold, all by one timer. Without such runs there is none. */
export class MemoryWatch<Run extends Watchable = LiveRun> {
  readonly #parts: MemoryWatchParts<Run>;
  readonly #watched = new Map<Run, Watched>();
  #closing: AbortController | undefined;

  constructor(parts: MemoryWatchParts<Run>) {
    this.#parts = parts;
  }

  /** A run without a limit is left alone. */
  add(run: Run): void {
    const limit = run.job.spec.limits.memoryBytes;
    if (limit === undefined) return;
    this.#watched.set(run, {
      limit,
      tree: new RunTree(this.#parts.table, run.target),
      bytes: 0,
      at: performance.now(),
      growth: Infinity,
    });
    if (this.#closing) return;
    this.#closing = new AbortController();
    void this.#watch(this.#closing.signal);
  }

  remove(run: Run): void {
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
      await this.#look(signal).catch(this.#parts.report);
      const tookMs = performance.now() - begun;
      const soonest = Math.min(...this.#watched.values().map(msToLimit));
      const pause = Math.min(Math.max(soonest, interval.shortestMs), interval.longestMs);
      await sleep(Math.max(pause, tookMs * restPerLook), undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { table, exceeded } = this.#parts;
    const watched = [...this.#watched];
    const snapshot = await table.scan(Math.min(...watched.map(([{ target }]) => bornSince(target))));
    for (const [run, one] of watched) {
      const bytes = await table.memoryOf(one.tree.claim(snapshot).members, one.limit);
      if (signal.aborted) return;
      if (!this.#watched.has(run)) continue;
      run.maxMemory = Math.max(run.maxMemory ?? 0, bytes);
      note(one, bytes);
      if (bytes <= one.limit) continue;
      this.remove(run);
      exceeded(run, `${mebibytes(bytes)} in memory, ${mebibytes(one.limit)} allowed`);
    }
  }
}

function note(watched: Watched, bytes: number): void {
  const at = performance.now();
  watched.growth = (bytes - watched.bytes) / (at - watched.at);
  Object.assign(watched, { bytes, at });
}

/** If it goes on growing as it does. */
function msToLimit({ limit, bytes, growth }: Watched): number {
  return growth > 0 ? (limit - bytes) / growth : Infinity;
}

/** To two places: what is just over a limit is not to look the same. */
function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(2)} MiB`;
}
