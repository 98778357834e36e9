import { existsSync, readFileSync } from 'node:fs';
import type { End } from '../runs/runEnd.ts';

/** A reading serves all runs that start within this time, so that a thousand starts cost no thousand readings. */
const freshMs = 1000;

/** What a shell that was asked to run the program says of its death by SIGKILL. */
const killedInShell = 137;

/**
 * Tells a SIGKILL of the kernel, for want of memory, from one that somebody else sent. The kernel says nobody why, but it
 * counts; so the count at the end of a run is compared with the count at its start. Without a count nothing is claimed.
 */
export class OomKills {
  readonly #count: () => number | null;
  readonly #now: () => number;
  #last: { at: number; count: number | null } | undefined;

  /** @param count how many processes the kernel has ended so; null where it does not say */
  constructor(count: () => number | null = createOomKillCount(), now: () => number = () => performance.now()) {
    this.#count = count;
    this.#now = now;
  }

  /** The count, as it is or was at most a second ago: 25 µs, once a second. */
  recent(): number | null {
    if (!this.#last || this.#now() - this.#last.at > freshMs) this.#last = { at: this.#now(), count: this.#count() };
    return this.#last.count;
  }

  /** @param before the count when the run started */
  explain(end: End, before: number | null): End {
    const isKill = end.signal === 'SIGKILL' || end.exitCode === killedInShell;
    if (end.status !== 'failed' || !isKill || before === null) return end;
    const now = this.#count();
    return now !== null && now > before ? { ...end, reason: 'out_of_memory' } : end;
  }
}

/**
 * Of this process's own cgroup, where there is one: jobs are in it too, and what is ended in other containers does not
 * count. Else of the whole machine. Null elsewhere than on Linux.
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
