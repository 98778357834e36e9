import type { ProcessEntry } from './processIdentity.ts';
import type { Evidence } from './processTable.ts';

/** All processes at one moment, zombies left out, with what they show of the runs they belong to. */
export class Snapshot {
  readonly live: ProcessEntry[] = [];
  readonly #byPid = new Map<number, ProcessEntry>();
  readonly #byParent = new Map<number, ProcessEntry[]>();
  readonly #byGroup = new Map<number, ProcessEntry[]>();
  readonly #evidence = new Map<ProcessEntry, Evidence>();
  readonly #ownGroup: number;

  /** @throws Error when this very process is not in it: then others are missing as well, and nobody is proven dead */
  constructor(entries: readonly ProcessEntry[]) {
    this.add(entries);
    const own = this.#byPid.get(process.pid);
    if (!own) throw new Error('The list of processes cannot be read');
    this.#ownGroup = own.pgid;
  }

  /** @returns those that are alive */
  add(entries: readonly ProcessEntry[]): ProcessEntry[] {
    const live = entries.filter((entry) => entry.state !== 'zombie');
    for (const entry of live) {
      this.live.push(entry);
      this.#byPid.set(entry.pid, entry);
      append(this.#byParent, entry.ppid, entry);
      append(this.#byGroup, entry.pgid, entry);
    }
    return live;
  }

  addEvidence(entry: ProcessEntry, evidence: Evidence): void {
    this.#evidence.set(entry, evidence);
  }

  /** Undefined: not asked for, or not to be read. */
  evidenceOf(entry: ProcessEntry): Evidence | undefined {
    return this.#evidence.get(entry);
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
