import { setImmediate } from 'node:timers/promises';
import { keyOf, type ProcessEntry } from './processIdentity.ts';
import type { Evidence, ProcessSource } from './processTable.ts';
import { Snapshot } from './snapshot.ts';

/** How often a snapshot is looked after; on a busy machine there is always somebody new. */
const rounds = 10;

/**
 * Takes snapshots, one for all who ask at the same time: stopping many runs at once costs as many scans as stopping one.
 * Of each process the evidence is read once.
 */
export class Lookout {
  readonly #source: ProcessSource;
  #next: { since: number; snapshot: Promise<Snapshot> } | undefined;
  #known = new Map<string, Evidence>();

  constructor(source: ProcessSource) {
    this.#source = source;
  }

  /**
   * A snapshot that is begun after the call.
   * @param since evidence is needed of processes that were started then or later
   * @throws Error when the list of processes cannot be had
   */
  look(since: number): Promise<Snapshot> {
    const next = (this.#next ??= { since, snapshot: setImmediate().then(() => this.#takeNext()) });
    next.since = Math.min(next.since, since);
    return next.snapshot;
  }

  #takeNext(): Promise<Snapshot> {
    const { since } = this.#next!;
    this.#next = undefined;
    return this.#take(since);
  }

  /**
   * The reading takes some milliseconds, in which a process can start its successor and be gone. So who is new is looked
   * for until there is nobody, and evidence is read of each at once.
   */
  async #take(since: number): Promise<Snapshot> {
    const entries = await this.#source.snapshot();
    const snapshot = new Snapshot(entries);
    const pids = new Set(entries.map((entry) => entry.pid));
    let fresh = snapshot.live.slice();
    for (let round = 0, known = 0; pids.size > known && round < rounds; round++) {
      await this.#addEvidence(
        snapshot,
        fresh.filter((entry) => Number(entry.startTime) >= since),
      );
      known = pids.size;
      fresh = snapshot.add(this.#source.newcomers(pids));
    }
    const present = new Set(snapshot.live.map(factsKey));
    for (const key of this.#known.keys()) if (!present.has(key)) this.#known.delete(key);
    return snapshot;
  }

  async #addEvidence(snapshot: Snapshot, entries: readonly ProcessEntry[]): Promise<void> {
    const found = await this.#source.evidenceOf(entries.filter((entry) => !this.#known.has(factsKey(entry))));
    for (const entry of entries) {
      const key = factsKey(entry);
      const evidence = this.#known.get(key) ?? found.get(entry.pid);
      if (!evidence) continue;
      this.#known.set(key, evidence);
      snapshot.addEvidence(entry, evidence);
    }
  }
}

/** With the command: a process shows its own environment when it has loaded its own program, till then its parent's. */
function factsKey(entry: ProcessEntry): string {
  return `${keyOf(entry)} ${entry.command}`;
}
