import { realpathSync } from 'node:fs';
import { keyOf, type ProcessEntry, type ProcessIdentity } from './processIdentity.ts';
import type { Evidence, ProcessTable } from './processTable.ts';
import type { Snapshot } from './snapshot.ts';

/** What is known of a run whose processes are to be found. */
export interface RunTarget {
  /** The mark: BGJOBS_RUN_ID of everything the run started. */
  runId: string;
  /**
   * Leader of the run's session and group. It ignores polite signals, ends right after the command, and its children are
   * the command and holders: another child, such as a program that writes the record, would be ended like the command.
   * Null: not known, the mark and the logs alone count.
   */
  supervisor: ProcessIdentity | null;
  /** Paths of the run's log files. */
  logs: readonly string[];
  /** The supervisor was alive a moment ago, so its group and session cannot be another's by now. */
  justEnded?: boolean;
  /** Processes that were found to be the run's before: they are, as long as they live. */
  seen?: readonly ProcessIdentity[];
  /** Whether a process is left alone, and not looked behind for others, whatever speaks for it. */
  spares?: (entry: ProcessEntry, snapshot: Snapshot) => boolean;
}

/** The live processes of a run at one moment. */
export interface TreeScan {
  supervisor: ProcessEntry | undefined;
  /** Helpers of the supervisor, which ends them. Without it they are nobody's. */
  holders: readonly ProcessEntry[];
  /** The command's processes, newest first. */
  members: readonly ProcessEntry[];
  /** Whether everybody in the group is the run's, so that it can be signalled as a whole. */
  ownsGroup(pgid: number): boolean;
}

/**
 * Finds a run's processes, again and again, and remembers whom it has seen: who was ours once is ours until death,
 * wherever it goes.
 */
export class RunTree {
  readonly #table: ProcessTable;
  readonly #target: RunTarget;
  readonly #logs: ReadonlySet<string>;
  readonly #seen = new Map<string, Pick<ProcessEntry, 'pid' | 'startTime'>>();
  readonly #members = new Set<string>();
  /** From another boot, so that nothing of it can be alive and every number is another's. */
  readonly #isPast: boolean;
  /** The session's number has been the run's since before this tree was made. */
  #ownsSession: boolean;

  constructor(table: ProcessTable, target: RunTarget) {
    this.#table = table;
    this.#target = target;
    this.#logs = new Set(target.logs.map(canonical));
    this.#isPast = target.supervisor !== null && target.supervisor.bootId !== table.bootId();
    this.#ownsSession = target.justEnded ?? false;
    for (const identity of target.seen ?? []) {
      if (identity.bootId === table.bootId()) this.#seen.set(keyOf(identity), identity);
    }
  }

  /** How many processes of the command were seen so far. */
  get memberCount(): number {
    return this.#members.size;
  }

  async scan(): Promise<TreeScan> {
    return this.claim(await this.#table.look(bornSince(this.#target)));
  }

  /** Picks the run's processes, by what has been read of them so far. */
  claim(snapshot: Snapshot): TreeScan {
    const supervisor = this.#findSupervisor(snapshot);
    if (supervisor) this.#ownsSession = true;
    const ours = this.#findOurs(snapshot, supervisor);
    for (const entry of ours) this.#seen.set(keyOf(entry), entry);

    const isHolder = (entry: ProcessEntry): boolean =>
      snapshot.evidenceOf(entry)?.holder === true && (!supervisor || entry.ppid === supervisor.pid);
    const { holders = [], members = [] } = Object.groupBy(ours, (entry) => (isHolder(entry) ? 'holders' : 'members'));
    for (const entry of members) this.#members.add(keyOf(entry));
    members.sort((a, b) => Number(b.startTime) - Number(a.startTime) || b.pid - a.pid);
    const ownsGroup = (pgid: number): boolean =>
      pgid > 1 && snapshot.groupOf(pgid).every((entry) => ours.has(entry) || entry === supervisor);
    return { supervisor, holders, members, ownsGroup };
  }

  #findSupervisor(snapshot: Snapshot): ProcessEntry | undefined {
    const { supervisor } = this.#target;
    return supervisor && !this.#isPast ? snapshot.find(supervisor) : undefined;
  }

  #findOurs(snapshot: Snapshot, supervisor: ProcessEntry | undefined): Set<ProcessEntry> {
    const candidates = snapshot.live.filter((entry) => this.#mayHold(snapshot, entry));
    const ours = new Set(
      candidates.filter((entry) => this.#seen.has(keyOf(entry)) || this.#isMarked(snapshot.evidenceOf(entry))),
    );
    const session = this.#target.supervisor?.pid;
    const isInSession = (entry: ProcessEntry): boolean => entry.sid === session || entry.pgid === session;
    // A session's number is not given to others while somebody is in it: one witness proves that it is still the run's.
    if (session !== undefined && (this.#ownsSession || [...ours].some(isInSession))) {
      for (const entry of candidates) if (isInSession(entry)) ours.add(entry);
    }
    const mayHold = new Set(candidates);
    for (const parent of this.#parents(snapshot, supervisor, ours)) {
      // A set's iteration reaches what is added on the way, so this goes down to the leaves.
      for (const child of snapshot.childrenOf(parent.pid)) {
        if (mayHold.has(child) && !isOlder(child, parent)) ours.add(child);
      }
    }
    return ours;
  }

  /** Whether the process could be the run's at all. Nobody in it is older than its supervisor. */
  #mayHold(snapshot: Snapshot, entry: ProcessEntry): boolean {
    if (this.#isPast || snapshot.isGuarded(entry) || this.#target.spares?.(entry, snapshot)) return false;
    return entry.pid !== this.#target.supervisor?.pid && Number(entry.startTime) >= bornSince(this.#target);
  }

  #isMarked(evidence: Evidence | undefined): boolean {
    if (!evidence) return false;
    return evidence.mark === this.#target.runId || evidence.outputs.some((path) => this.#logs.has(path));
  }

  *#parents(snapshot: Snapshot, supervisor: ProcessEntry | undefined, ours: ReadonlySet<ProcessEntry>) {
    if (supervisor) yield supervisor;
    if (this.#table.keepsDeadParents) {
      const known = this.#ownsSession && this.#target.supervisor ? [this.#target.supervisor] : [];
      // Of a number that is another's now, nobody can say whose children are whose.
      for (const dead of [...known, ...this.#seen.values()]) if (!snapshot.at(dead.pid)) yield dead;
    }
    yield* ours;
  }
}

/** The start time that no process of the run can be before. */
export function bornSince({ supervisor }: RunTarget): number {
  return supervisor ? Number(supervisor.startTime) : 0;
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
