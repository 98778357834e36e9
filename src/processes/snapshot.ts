import { setImmediate } from 'node:timers/promises';
import { keyOf, type Evidence, type ProcessEntry, type ProcessSource } from './processSource.ts';

/** All processes at one moment, without zombies, with what they show of the runs that they belong to. */
export class Snapshot {
  readonly live: ProcessEntry[] = [];
  readonly #byPid = new Map<number, ProcessEntry>();
  readonly #byParent = new Map<number, ProcessEntry[]>();
  readonly #byGroup = new Map<number, ProcessEntry[]>();
  readonly #evidence = new Map<ProcessEntry, Evidence>();
  readonly #ownGroup: number;

  /** @throws Error when this process is not in it: others are missing as well then, and none is proven dead */
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

  /** Undefined if it was not requested or cannot be read. */
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

  /** The process and its known ancestors, nearest first. */
  *ancestors(entry: ProcessEntry): Generator<ProcessEntry, void, void> {
    const passed = new Set<number>();
    for (let each: ProcessEntry | undefined = entry; each && !passed.has(each.pid); each = this.at(each.ppid)) {
      passed.add(each.pid);
      yield each;
    }
  }

  /** Whether it must never be signalled: init, this process and its group. */
  isGuarded({ pid, pgid }: ProcessEntry): boolean {
    return pid <= 1 || pid === process.pid || (pgid > 0 && pgid === this.#ownGroup);
  }
}

/** The live processes of a run at one moment. */
export interface TreeScan {
  supervisor: ProcessEntry | undefined;
  /** FIFO keepers, which the supervisor ends. Without it nobody does. */
  keepers: readonly ProcessEntry[];
  /** The command's processes, newest first. */
  members: readonly ProcessEntry[];
  /** Whether the group consists only of the run's processes, so that it can be signalled as a whole. */
  ownsGroup(pgid: number): boolean;
}

/** A process source with one scan that all its users share. */
export interface ProcessTable extends ProcessSource {
  scan: SharedScan['scan'];
}

export function withSharedScan(source: ProcessSource): ProcessTable {
  const shared = new SharedScan(source);
  return { ...source, scan: (since) => shared.scan(since) };
}

/** How often a snapshot is searched for newcomers; on a busy machine there is always one more. */
const rounds = 10;

/**
 * Takes snapshots, one for all callers that ask at the same time: to kill many runs at once costs as many scans as to kill
 * one. The evidence of each process is read once.
 */
export class SharedScan {
  readonly #source: ProcessSource;
  #next: { since: number; snapshot: Promise<Snapshot> } | undefined;
  #known = new Map<string, Evidence>();

  constructor(source: ProcessSource) {
    this.#source = source;
  }

  /**
   * A snapshot that begins after the call.
   * @param since evidence is needed only of processes that were started then or later
   * @throws Error when the list of processes cannot be read
   */
  scan(since: number): Promise<Snapshot> {
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
   * Reading takes some milliseconds, in which a process can start its successor and exit. So newcomers are read until
   * there are none, and the evidence of each is read at once.
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
    const present = new Set(snapshot.live.map(evidenceKey));
    for (const key of this.#known.keys()) if (!present.has(key)) this.#known.delete(key);
    return snapshot;
  }

  async #addEvidence(snapshot: Snapshot, entries: readonly ProcessEntry[]): Promise<void> {
    const found = await this.#source.evidenceOf(entries.filter((entry) => !this.#known.has(evidenceKey(entry))));
    for (const entry of entries) {
      const key = evidenceKey(entry);
      const evidence = this.#known.get(key) ?? found.get(entry.pid);
      if (!evidence) continue;
      this.#known.set(key, evidence);
      snapshot.addEvidence(entry, evidence);
    }
  }
}

/** With the command: until a process has loaded its program it shows the environment of its parent. */
function evidenceKey(entry: ProcessEntry): string {
  return `${keyOf(entry)} ${entry.command}`;
}

function append(map: Map<number, ProcessEntry[]>, key: number, entry: ProcessEntry): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
}
