import { keyOf, type ProcessEntry } from './processIdentity.ts';
import type { Evidence, ProcessTable } from './processTable.ts';

/** All processes at one moment (nearly: the reading takes some milliseconds), zombies left out. */
export class Snapshot {
  readonly live: readonly ProcessEntry[];
  readonly #byPid = new Map<number, ProcessEntry>();
  readonly #byParent: Map<number, ProcessEntry[]>;
  readonly #byGroup: Map<number, ProcessEntry[]>;
  readonly #ownGroup: number;

  static async take(table: ProcessTable): Promise<Snapshot> {
    return new Snapshot(await table.snapshot());
  }

  /** @throws Error when this very process is not in it: then others are missing as well, and nobody is proven dead */
  constructor(entries: readonly ProcessEntry[]) {
    this.live = entries.filter((entry) => entry.state !== 'zombie');
    for (const entry of this.live) this.#byPid.set(entry.pid, entry);
    this.#byParent = Map.groupBy(this.live, (entry) => entry.ppid);
    this.#byGroup = Map.groupBy(this.live, (entry) => entry.pgid);
    const own = this.#byPid.get(process.pid);
    if (!own) throw new Error('The list of processes cannot be read');
    this.#ownGroup = own.pgid;
  }

  at(pid: number): ProcessEntry | undefined {
    return this.#byPid.get(pid);
  }

  find({ pid, startTime }: Pick<ProcessEntry, 'pid' | 'startTime'>): ProcessEntry | undefined {
    const entry = this.#byPid.get(pid);
    return entry?.startTime === startTime ? entry : undefined;
  }

  childrenOf(pid: number): readonly ProcessEntry[] {
    return this.#byParent.get(pid) ?? [];
  }

  groupOf(pgid: number): readonly ProcessEntry[] {
    return this.#byGroup.get(pgid) ?? [];
  }

  /** Whether it must never be signalled, whatever speaks for it: init, this process and its group. */
  isGuarded({ pid, pgid }: ProcessEntry): boolean {
    return pid <= 1 || pid === process.pid || (pgid > 0 && pgid === this.#ownGroup);
  }
}

/** What processes have shown, so that each is read once. */
export class EvidenceCache {
  readonly #table: ProcessTable;
  readonly #logs: ReadonlySet<string>;
  readonly #known = new Map<string, Evidence>();

  /** @param logs canonical paths */
  constructor(table: ProcessTable, logs: Iterable<string>) {
    this.#table = table;
    this.#logs = new Set(logs);
  }

  async read(processes: readonly ProcessEntry[]): Promise<void> {
    const unknown = processes.filter((entry) => !this.#known.has(keyOf(entry)));
    const found = await this.#table.evidenceOf(unknown, this.#logs);
    for (const entry of unknown) {
      const evidence = found.get(entry.pid);
      if (evidence) this.#known.set(keyOf(entry), evidence);
    }
  }

  of(entry: ProcessEntry): Evidence | undefined {
    return this.#known.get(keyOf(entry));
  }
}
