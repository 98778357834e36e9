import { existsSync, readFileSync } from 'node:fs';
import type { End } from '../../store/runTable.ts';
import type { ActiveRun, RunHook } from './hook.ts';

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
