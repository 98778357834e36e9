import { keyOf, type ProcessEntry } from './processIdentity.ts';
import type { Evidence, ProcessTable } from './processTable.ts';

/** How often a snapshot is looked after; on a busy machine there is always somebody new. */
const rounds = 10;

/** All processes at one moment, zombies left out. */
export class Snapshot {
  readonly live: ProcessEntry[] = [];
  readonly #pids = new Set<number>();
  readonly #byPid = new Map<number, ProcessEntry>();
  readonly #byParent = new Map<number, ProcessEntry[]>();
  readonly #byGroup = new Map<number, ProcessEntry[]>();
  readonly #ownGroup: number;

  /**
   * The reading takes some milliseconds, in which a process can start its successor and be gone. So who is new is looked
   * for until there is nobody, and evidence is read of each at once.
   * @param mayHold of whom evidence is needed
   * @throws Error when the list cannot be had
   */
  static async take(
    table: ProcessTable,
    evidence: EvidenceCache,
    mayHold: (snapshot: Snapshot, entry: ProcessEntry) => boolean,
  ): Promise<Snapshot> {
    const snapshot = new Snapshot(await table.snapshot());
    let fresh = snapshot.live.slice();
    for (let round = 0, known = 0; snapshot.#pids.size > known && round < rounds; round++) {
      await evidence.read(fresh.filter((entry) => mayHold(snapshot, entry)));
      known = snapshot.#pids.size;
      fresh = snapshot.#add(table.newcomers(snapshot.#pids));
    }
    return snapshot;
  }

  /** @throws Error when this very process is not in it: then others are missing as well, and nobody is proven dead */
  constructor(entries: readonly ProcessEntry[]) {
    this.#add(entries);
    const own = this.#byPid.get(process.pid);
    if (!own) throw new Error('The list of processes cannot be read');
    this.#ownGroup = own.pgid;
  }

  /** @returns those that are alive */
  #add(entries: readonly ProcessEntry[]): ProcessEntry[] {
    for (const { pid } of entries) this.#pids.add(pid);
    const live = entries.filter((entry) => entry.state !== 'zombie');
    for (const entry of live) {
      this.live.push(entry);
      this.#byPid.set(entry.pid, entry);
      append(this.#byParent, entry.ppid, entry);
      append(this.#byGroup, entry.pgid, entry);
    }
    return live;
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

function append(map: Map<number, ProcessEntry[]>, key: number, entry: ProcessEntry): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
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
