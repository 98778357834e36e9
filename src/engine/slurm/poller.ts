import { userInfo } from 'node:os';
import { namedArguments, parseNamed, parseSqueue, squeueArguments, type SlurmJob } from './squeue.ts';
import { callSlurm, type Cluster } from './tools.ts';
import type { Ticket } from './runDirectory.ts';

/** A run whose job in Slurm is followed. */
export interface Followed {
  /** Its key is null until it is known. */
  readonly ticket: Ticket;
  /** The name and the time of submission are those of this job. */
  verified(submitted: string): void;
  /** What Slurm shows of it; undefined: nothing, in an answer that was asked for after its key was known. */
  seen(job: SlurmJob | undefined): void;
  /** @param since when the last call began that was not answered, in milliseconds since the epoch */
  unanswered(since: number): void;
}

/** Between two polls: while somebody looks, and otherwise (milliseconds). */
const pauses = { watchedMs: 2000, otherwiseMs: 30_000 };

/** Asks Slurm for all runs at once: one squeue for all jobs of a cluster. Without runs it asks nothing. */
export class Poller {
  readonly #isWatched: () => boolean;
  readonly #report: (error: unknown) => void;
  /** With the number of the poll that is the first one to show it. */
  readonly #runs = new Map<Followed, number>();
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Infinity;
  #lastAt = -Infinity;
  #polls = 0;
  #isPolling = false;
  #silentSince: number | undefined;

  constructor(isWatched: () => boolean, report: (error: unknown) => void) {
    this.#isWatched = isWatched;
    this.#report = report;
  }

  add(run: Followed): void {
    this.#runs.set(run, this.#polls + (this.#isPolling ? 2 : 1));
    this.poke();
  }

  remove(run: Followed): void {
    this.#runs.delete(run);
    if (this.#runs.size === 0) this.#stop();
  }

  /** Something may have changed: asks as soon as it may, unless nobody follows anything. */
  poke(): void {
    if (this.#runs.size > 0) this.#pollAt(Math.max(performance.now(), this.#lastAt + pauses.watchedMs));
  }

  dispose(): void {
    this.#runs.clear();
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
  }

  #pollAt(at: number): void {
    if (this.#isPolling || at >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = setTimeout(() => void this.#poll().catch(this.#report), at - performance.now());
  }

  async #poll(): Promise<void> {
    this.#dueAt = Infinity;
    this.#isPolling = true;
    this.#polls++;
    this.#lastAt = performance.now();
    const at = Date.now();
    try {
      const clusters = Map.groupBy(this.#runs.keys(), ({ ticket: { conf, path } }) => JSON.stringify([conf, path]));
      for (const runs of clusters.values()) {
        const isAnswered = await this.#pollCluster(runs[0]!.ticket, runs).catch(() => false);
        if (isAnswered) this.#silentSince = undefined;
        else {
          this.#silentSince ??= at;
          for (const run of runs) run.unanswered(this.#silentSince);
        }
      }
    } finally {
      this.#isPolling = false;
      const pause = this.#isWatched() ? pauses.watchedMs : pauses.otherwiseMs;
      if (this.#runs.size > 0) this.#pollAt(this.#lastAt + pause);
    }
  }

  /** @returns false when it was not answered, so nothing is known */
  async #pollCluster({ conf, path }: Cluster, runs: readonly Followed[]): Promise<boolean> {
    const user = userInfo().username;
    const fresh = runs.filter(({ ticket }) => ticket.submitted === null && ticket.key !== null);
    const names = [...new Set(fresh.map(({ ticket }) => ticket.name))];
    if (names.length > 0) {
      const answer = await callSlurm({ conf, path }, 'squeue', namedArguments(user, names));
      if (answer.code !== 0) return false;
      const times = parseNamed(answer.stdout);
      for (const run of fresh) {
        const submitted = times.get(run.ticket.key!);
        if (submitted !== undefined) run.verified(submitted);
      }
    }
    const answer = await callSlurm({ conf, path }, 'squeue', squeueArguments(user));
    if (answer.code !== 0) return false;
    const jobs = parseSqueue(answer.stdout);
    for (const run of runs) {
      const { key, submitted } = run.ticket;
      const first = this.#runs.get(run);
      // It was not yet known, or has ended meanwhile.
      if (first === undefined || first > this.#polls || key === null) continue;
      const job = jobs.get(key);
      // An id that was given out again is another job.
      run.seen(job?.submitted === submitted ? job : undefined);
    }
    return true;
  }
}
