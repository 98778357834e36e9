import { realpathSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import {
  keyOf,
  Snapshot,
  type Evidence,
  type ProcessEntry,
  type ProcessIdentity,
  type ProcessSource,
} from './processSource.ts';
import { markOf } from './runMark.ts';

/** What is known of a run whose processes are to be found. */
export interface RunTarget {
  /** BGJOBS_RUN_ID of everything that the run started. */
  runId: string;
  /**
   * The leader of the run's session and group. It ignores polite signals and exits right after the command. Its children
   * are the command and FIFO keepers: any other child, such as a program that writes the record, would be killed like the
   * command. Null if unknown: then only the run id and the logs count.
   */
  supervisor: ProcessIdentity | null;
  /** Paths of the run's log files. */
  logs: readonly string[];
  /** The supervisor was alive a moment ago, so its group and session ids cannot have been reused yet. */
  justEnded?: boolean;
  /** Processes that were found to be the run's before: they remain the run's as long as they live. */
  seen?: readonly ProcessIdentity[];
  /** Whether to leave a process alone, and its descendants with it, although it looks like the run's. */
  spares?: (entry: ProcessEntry, snapshot: Snapshot) => boolean;
}

/**
 * Finds the processes of a run, scan by scan, and remembers those it has seen: a process that was the run's once remains
 * so until it exits, whatever session or parent it moves to.
 */
export class RunTree {
  readonly #table: ProcessTable;
  readonly #target: RunTarget;
  readonly #shows: (evidence: Evidence | undefined) => boolean;
  readonly #seen = new Map<string, Pick<ProcessEntry, 'pid' | 'startTime'>>();
  readonly #members = new Set<string>();
  /** The run is of another boot, so none of its processes can be alive and its pids are reused. */
  readonly #isPast: boolean;
  /** The session id has been the run's since before this tree was created. */
  #ownsSession: boolean;

  constructor(table: ProcessTable, target: RunTarget) {
    this.#table = table;
    this.#target = target;
    this.#shows = showing(target);
    this.#isPast = target.supervisor !== null && target.supervisor.bootId !== table.bootId();
    this.#ownsSession = target.justEnded ?? false;
    for (const identity of target.seen ?? []) {
      if (identity.bootId === table.bootId()) this.#seen.set(keyOf(identity), identity);
    }
  }

  /** The number of the command's processes seen so far. */
  get memberCount(): number {
    return this.#members.size;
  }

  async scan(): Promise<TreeScan> {
    return this.claim(await this.#table.scan(bornSince(this.#target)));
  }

  /** Picks the run's processes from a snapshot. */
  claim(snapshot: Snapshot): TreeScan {
    const supervisor = this.#findSupervisor(snapshot);
    if (supervisor) this.#ownsSession = true;
    const ours = this.#findOurs(snapshot, supervisor);
    for (const entry of ours) this.#seen.set(keyOf(entry), entry);

    const isKeeper = (entry: ProcessEntry): boolean =>
      snapshot.evidenceOf(entry)?.isKeeper === true && (!supervisor || entry.ppid === supervisor.pid);
    const { keepers = [], members = [] } = Object.groupBy(ours, (entry) => (isKeeper(entry) ? 'keepers' : 'members'));
    for (const entry of members) this.#members.add(keyOf(entry));
    members.sort((a, b) => Number(b.startTime) - Number(a.startTime) || b.pid - a.pid);
    const ownsGroup = (pgid: number): boolean =>
      pgid > 1 && snapshot.groupOf(pgid).every((entry) => ours.has(entry) || entry === supervisor);
    return { supervisor, keepers, members, ownsGroup };
  }

  #findSupervisor(snapshot: Snapshot): ProcessEntry | undefined {
    const { supervisor } = this.#target;
    return supervisor && !this.#isPast ? snapshot.find(supervisor) : undefined;
  }

  #findOurs(snapshot: Snapshot, supervisor: ProcessEntry | undefined): Set<ProcessEntry> {
    const candidates = snapshot.live.filter((entry) => this.#mayBelong(snapshot, entry));
    const ours = new Set(
      candidates.filter((entry) => this.#seen.has(keyOf(entry)) || this.#shows(snapshot.evidenceOf(entry))),
    );
    const session = this.#target.supervisor?.pid;
    const isInSession = (entry: ProcessEntry): boolean => entry.sid === session || entry.pgid === session;
    // A session id is not reused while a process is in it: one witness proves that it is still the run's.
    if (session !== undefined && (this.#ownsSession || [...ours].some(isInSession))) {
      for (const entry of candidates) if (isInSession(entry)) ours.add(entry);
    }
    for (const entry of this.#inJob(snapshot)) if (this.#mayBelong(snapshot, entry)) ours.add(entry);
    const mayBelong = new Set(candidates);
    for (const parent of this.#parents(snapshot, supervisor, ours)) {
      // Iterating a set reaches what is added on the way, so this goes down to the leaves.
      for (const child of snapshot.childrenOf(parent.pid)) {
        if (mayBelong.has(child) && !isOlder(child, parent)) ours.add(child);
      }
    }
    return ours;
  }

  /** What is in the Job Object of the run now, also what was started after the snapshot. */
  #inJob(snapshot: Snapshot): ProcessEntry[] {
    const pids = this.#table.job?.processes(this.#target.runId) ?? [];
    return pids.flatMap((pid) => snapshot.at(pid) ?? this.#latecomer(pid) ?? []);
  }

  #latecomer(pid: number): ProcessEntry | undefined {
    const identity = this.#table.identify(pid);
    return identity && { ...identity, ppid: 0, pgid: 0, sid: 0, state: 'running', command: '' };
  }

  /** Whether the process could be the run's at all. None of them is older than the supervisor. */
  #mayBelong(snapshot: Snapshot, entry: ProcessEntry): boolean {
    if (this.#isPast || snapshot.isGuarded(entry) || this.#target.spares?.(entry, snapshot)) return false;
    return entry.pid !== this.#target.supervisor?.pid && Number(entry.startTime) >= bornSince(this.#target);
  }

  *#parents(snapshot: Snapshot, supervisor: ProcessEntry | undefined, ours: ReadonlySet<ProcessEntry>) {
    if (supervisor) yield supervisor;
    if (this.#table.keepsDeadParents) {
      const known = this.#ownsSession && this.#target.supervisor ? [this.#target.supervisor] : [];
      // Once a pid is reused, its children cannot be told from those of the dead process.
      for (const dead of [...known, ...this.#seen.values()]) if (!snapshot.at(dead.pid)) yield dead;
    }
    yield* ours;
  }
}

/** No process of the run has an earlier start time. */
export function bornSince({ supervisor }: RunTarget): number {
  return supervisor ? Number(supervisor.startTime) : 0;
}

/**
 * The orphans of many runs, found by one scan. `command` is the command line.
 * @returns keyed by run id; runs without live processes are absent
 */
export async function findOrphans(
  table: ProcessTable,
  targets: readonly RunTarget[],
): Promise<Map<string, ProcessEntry[]>> {
  const snapshot = await table.scan(Math.min(...targets.map(bornSince)));
  const found = targets.map((target) => {
    const { members } = new RunTree(table, target).claim(snapshot);
    return [target.runId, members.map((entry) => ({ ...entry, command: table.commandOf(entry) }))] as const;
  });
  return new Map(found.filter(([, members]) => members.length > 0));
}

/**
 * Whether a run that has just ended may have left processes: a cheap look, for runs that were short. Processes of another
 * user may be overlooked, and all if the pids were used up since its start.
 * @param others the pids of the supervisors of other runs: what is in their sessions is theirs
 * @returns undefined when only {@link findOrphans} can tell
 */
export async function mayHaveOrphans(
  table: ProcessSource,
  target: RunTarget,
  others: ReadonlySet<number>,
): Promise<boolean | undefined> {
  const { supervisor } = target;
  const started = supervisor && target.justEnded && table.startedAfter?.(supervisor.pid);
  if (!started) return undefined;
  const live = started.filter(({ state, sid }) => state !== 'zombie' && !others.has(sid));
  if (live.length === 0) return false;
  if (live.some(({ sid, pgid }) => sid === supervisor.pid || pgid === supervisor.pid)) return true;
  const evidence = await table.evidenceOf(live);
  return evidence.values().some(showing(target));
}

/** Whether a process shows that it is the run's. */
function showing({ runId, logs }: RunTarget): (evidence: Evidence | undefined) => boolean {
  const paths = new Set(logs.map(canonical));
  const mark = markOf(runId);
  return (evidence) =>
    evidence !== undefined &&
    (evidence.runId === runId || evidence.mark === mark || evidence.outputs.some((path) => paths.has(path)));
}

/** The system names open files by their canonical paths. */
function canonical(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isOlder(entry: Pick<ProcessEntry, 'startTime'>, than: Pick<ProcessEntry, 'startTime'>): boolean {
  return Number(entry.startTime) < Number(than.startTime);
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
  /**
   * A snapshot that begins after the call.
   * @param since evidence is needed only of processes that were started then or later
   * @throws Error when the list of processes cannot be read
   */
  scan(since: number): Promise<Snapshot>;
}

/** How often a snapshot is searched for newcomers; on a busy machine there is always one more. */
const rounds = 10;

/**
 * Takes snapshots, one for all callers that ask at the same time: to kill many runs at once costs as many scans as to kill
 * one. The evidence of each process is read once.
 */
export function withSharedScan(source: ProcessSource): ProcessTable {
  const known = new Map<string, Evidence>();
  let next: { since: number; snapshot: Promise<Snapshot> } | undefined;

  const addEvidence = async (snapshot: Snapshot, entries: readonly ProcessEntry[]): Promise<void> => {
    const found = await source.evidenceOf(entries.filter((entry) => !known.has(evidenceKey(entry))));
    for (const entry of entries) {
      const key = evidenceKey(entry);
      const evidence = known.get(key) ?? found.get(entry.pid);
      if (!evidence) continue;
      if (!evidence.mayChange) known.set(key, evidence);
      snapshot.addEvidence(entry, evidence);
    }
  };

  /**
   * Reading takes some milliseconds, in which a process can start its successor and exit. So newcomers are read until
   * there are none, and the evidence of each is read at once.
   */
  const take = async (since: number): Promise<Snapshot> => {
    const entries = await source.snapshot();
    const snapshot = new Snapshot(entries);
    const pids = new Set(entries.map((entry) => entry.pid));
    let fresh = snapshot.live.slice();
    for (let round = 0, seen = 0; pids.size > seen && round < rounds; round++) {
      await addEvidence(
        snapshot,
        fresh.filter((entry) => Number(entry.startTime) >= since),
      );
      seen = pids.size;
      fresh = snapshot.add(source.newcomers(pids));
    }
    const present = new Set(snapshot.live.map(evidenceKey));
    for (const key of known.keys()) if (!present.has(key)) known.delete(key);
    return snapshot;
  };

  const takeNext = async (): Promise<Snapshot> => {
    await setImmediate();
    const { since } = next!;
    next = undefined;
    return take(since);
  };
  return {
    ...source,
    scan(since) {
      next ??= { since, snapshot: takeNext() };
      next.since = Math.min(next.since, since);
      return next.snapshot;
    },
  };
}

/** With the command: until a process has loaded its program it shows the environment of its parent. */
function evidenceKey(entry: ProcessEntry): string {
  return `${keyOf(entry)} ${entry.command}`;
}
