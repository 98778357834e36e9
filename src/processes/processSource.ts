import { execFile, spawnSync } from 'node:child_process';

/**
 * The process table: reads, signals and kills the processes of runs on Linux, macOS and other POSIX systems, and Windows.
 * This file says what a platform must provide; `platform.ts` picks the platform, `runTree.ts` finds the processes of a
 * run, `killTree.ts` ends them and proves it. Any room above `api` may import from here; this room imports only `api`, and `disk` for
 * the functions of Windows.
 */
export interface ProcessSource {
  /** Whether SIGSTOP and SIGCONT exist. */
  readonly canPause: boolean;
  /** Whether the children of a dead process keep its pid as their parent (Windows) or get another parent. */
  readonly keepsDeadParents: boolean;
  bootId(): string;
  /** @throws Error when the list cannot be read: an empty list would read as "all dead" */
  snapshot(): Promise<ProcessEntry[]>;
  /**
   * The processes whose pids are not in `known`. Adds the pids, also those of processes that exit before they are read.
   * Empty on platforms that take a snapshot at one moment.
   */
  newcomers(known: Set<number>): ProcessEntry[];
  /**
   * The processes, and perhaps threads, that were started after the process that has or had this pid. Undefined when that
   * takes as long as a snapshot, and on platforms that cannot tell. Only if the pids have not been used up since.
   */
  startedAfter?(pid: number): ProcessEntry[] | undefined;
  /**
   * Keyed by pid; only processes that can be read. One that is absent may become readable a moment later.
   */
  evidenceOf(processes: readonly ProcessEntry[]): Promise<ReadonlyMap<number, Evidence>>;
  /** Canonical paths of the files that are their stdout and stderr, keyed by pid; only processes that can be read. */
  outputsOf(processes: readonly ProcessEntry[]): Promise<ReadonlyMap<number, readonly string[]>>;
  /** The command line, cut at 1000 characters; the program's name if it cannot be read. */
  commandOf(process: ProcessEntry): string;
  /** Keyed by pid; processes that have exited are absent. */
  usageOf(processes: readonly ProcessEntry[]): Promise<ReadonlyMap<number, ProcessUsage>>;
  /** The memory of all of them together, in bytes; exact only where it may exceed `enough`. */
  memoryOf(processes: readonly ProcessEntry[], enough: number): Promise<number>;

  /** The uid of its user. Undefined if it is gone or the platform has no uids. Costs as much as `identify`. */
  ownerOf(pid: number): number | undefined;
  /** Whether its paths name the same files as ours: not in a container. False if that is unknown. */
  sharesFiles(pid: number): boolean;

  /**
   * Undefined if there is no such process. A zombie still has an identity, so a child that exited at once has one too.
   * Linux: 20 µs. Elsewhere it runs a program: `ps` takes 10 ms, PowerShell 500 ms.
   */
  identify(pid: number): ProcessIdentity | undefined;
  /** Whether it is the same process of the same boot and not a zombie. Costs as much as `identify`. */
  isAlive(identity: ProcessIdentity): boolean;
  /** Costs as much as `identify`. */
  childrenOf(pid: number): number[];
  /**
   * Whether a child has loaded a program: between fork and exec it is a copy of its parent, environment and signal
   * handlers included. Costs as much as `identify`.
   */
  hasLoaded(child: number, parent: number): boolean;
  /** As in {@link Evidence}. Undefined while its environment cannot be read. Costs as much as `identify`. */
  isKeeper(pid: number): boolean | undefined;

  /** Signal 0 only checks. On Linux the start time is compared once more right before. */
  signal(process: Pick<ProcessEntry, 'pid' | 'startTime'>, signal: NodeJS.Signals | 0): Delivery;
  /** Signals the group of `witness` at once, so that a process that forks cannot escape. Same check as {@link signal}. */
  signalGroup(witness: ProcessEntry, signal: NodeJS.Signals): Delivery;
  /** True if it is certain that no process, not even a zombie, is in the group. One system call. */
  groupIsEmpty(pgid: number): boolean;
  /** Windows: ends the process and its descendants (`taskkill /T /F`). */
  endTree?(pid: number): Promise<void>;
  /**
   * Where processes cannot be signalled politely one by one (Windows): asks all of them to end.
   * @param group the pid of the supervisor, which leads their group
   * @returns false if nobody could be asked
   */
  interrupt?(processes: readonly ProcessEntry[], group: number): boolean;
  /** Windows: the Job Object of a run. */
  readonly job?: {
    /** The pids of all that are in it, the supervisor too. Empty if there is none (any more). */
    processes(runId: string): number[];
    /** Ends all of them at once, the supervisor too. */
    terminate(runId: string): void;
  };
}

/** Names one process forever: a pid alone is reused. Plain data, stored with the run. */
export interface ProcessIdentity {
  pid: number;
  /** A decimal number in the platform's own unit: clock ticks since boot on Linux, else milliseconds since 1970. */
  startTime: string;
  /** Empty if the platform has none; start times are absolute there, so they suffice. */
  bootId: string;
}

/** A process as one snapshot saw it. */
export interface ProcessEntry {
  pid: number;
  ppid: number;
  /** 0 on platforms without process groups (Windows). */
  pgid: number;
  /** 0 if unknown. */
  sid: number;
  /** As in {@link ProcessIdentity}. */
  startTime: string;
  /** A zombie is dead, though `kill(pid, 0)` succeeds. */
  state: 'running' | 'stopped' | 'zombie';
  /** The short name on Linux: the command line costs another read, see `ProcessSource.commandOf`. */
  command: string;
}

/** What a process shows of the run that it belongs to. */
export interface Evidence {
  /** BGJOBS_RUN_ID in its environment. */
  runId: string | undefined;
  /** BGJOBS_HOLDER=1 in its environment: a helper of the supervisor that keeps a FIFO open. */
  isKeeper: boolean;
  /** BGJOBS_HOME in its environment. */
  dataDir: string | undefined;
  /** Canonical paths of its stdout and stderr where they are files. Read only if there is no run id. */
  outputs: readonly string[];
  /** As `markOf` in runMark.ts makes it. Read only if there is no run id, and not of job hosts, which belong to no run. */
  mark?: string;
  /** It shows no environment at all: it has none, or its program is being loaded. */
  mayChange?: boolean;
}

/** More exact than the state of a {@link ProcessEntry}; `disk_sleep` is an uninterruptible wait. */
export type ProcessState = 'running' | 'sleeping' | 'disk_sleep' | 'stopped';

/** What a process uses at one moment. Null if it cannot be read or the platform does not report it. */
export interface ProcessUsage {
  /** When this was read: milliseconds of any monotonic clock. */
  at: number;
  /** CPU time of all its threads since its start, in milliseconds. */
  cpuMs: number | null;
  /** Resident set, in bytes. */
  memory: number | null;
  threads: number | null;
  /** Open file descriptors; handles on Windows. */
  files: number | null;
  state: ProcessState | null;
  /** Milliseconds since the epoch. */
  startedAt: number | null;
}

/** `gone`: there is no such process (any more). `denied`: the system does not permit the signal (EPERM). */
export type Delivery = 'delivered' | 'gone' | 'denied';

/** One string for pid and start time: the key of maps and sets of processes of one boot. */
export function keyOf(process: Pick<ProcessEntry, 'pid' | 'startTime'>): string {
  return `${process.pid}@${process.startTime}`;
}

/** Like `process.kill`: a negative pid is a group, signal 0 only checks. Throws errors with a `code`. */
export type Kill = (pid: number, signal: NodeJS.Signals | 0) => unknown;

/**
 * @param target a pid, or a negative process group id
 * @throws RangeError for targets that must never be signalled: 0 (our own group), -1 (every process), 1 (init), ourselves
 */
export function sendSignal(kill: Kill, target: number, signal: NodeJS.Signals | 0): Delivery {
  if (!Number.isInteger(target) || Math.abs(target) <= 1 || target === process.pid) {
    throw new RangeError(`Refusing to signal ${target}`);
  }
  try {
    kill(target, signal);
    return 'delivered';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ESRCH') return 'gone';
    if (code === 'EPERM') return 'denied';
    throw error;
  }
}

/** Runs a helper program and returns its stdout, whatever its exit code; empty if it cannot be run. */
export interface Helper {
  run(file: string, args: readonly string[]): Promise<string>;
  runSync(file: string, args: readonly string[]): string;
}

/** Node's own functions, so that the host does not carry a library that only a few platforms need. */
export function createHelper(env: NodeJS.ProcessEnv): Helper {
  const options = { env, windowsHide: true, encoding: 'utf8', maxBuffer: Infinity } as const;
  return {
    run: (file, args) =>
      new Promise((resolve) => {
        execFile(file, args, options, (_error, stdout) => resolve(stdout)).stdin?.end();
      }),
    runSync: (file, args) => spawnSync(file, args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] }).stdout ?? '',
  };
}

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

function append(map: Map<number, ProcessEntry[]>, key: number, entry: ProcessEntry): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
}
