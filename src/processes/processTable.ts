import type { ProcessState } from '../api/inspection.ts';
import { createLinuxProcessSource } from './linuxProcessSource.ts';
import { Lookout } from './sharedScan.ts';
import type { ProcessEntry, ProcessIdentity } from './processIdentity.ts';
import { createPsProcessSource } from './psProcessSource.ts';
import { createWindowsProcessSource } from './windowsProcessSource.ts';

/** `gone`: no such process (any more). `denied`: the system does not let us (EPERM). */
export type Delivery = 'delivered' | 'gone' | 'denied';

/** What a process shows of the run it belongs to. */
export interface Evidence {
  /** BGJOBS_RUN_ID of its environment. */
  mark: string | undefined;
  /** BGJOBS_HOLDER=1 in its environment: a helper of the supervisor. */
  holder: boolean;
  /** BGJOBS_HOME of its environment. */
  home: string | undefined;
  /** Canonical paths of its stdout and stderr where they are files. Looked at only where there is no mark. */
  outputs: readonly string[];
}

/** What a process uses, at one moment. Null is what cannot be read, or what the platform does not say. */
export interface ProcessUsage {
  /** When this was read: milliseconds, of any clock that goes evenly. */
  at: number;
  /** CPU time since its start, of all its threads, in milliseconds. */
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

/** What a platform tells of its processes, and does to them. All that differs between platforms is in here. */
export interface ProcessSource {
  /** Whether SIGSTOP and SIGCONT exist. */
  readonly canPause: boolean;
  /** Whether the children of a dead process keep its number as their parent's (Windows), or get another parent. */
  readonly keepsDeadParents: boolean;
  bootId(): string;
  /** @throws Error when the list cannot be had: an empty list would read as "all dead" */
  snapshot(): Promise<ProcessEntry[]>;
  /**
   * Who is not among the known pids; the pids are added to them, also of those who are gone before they can be looked at.
   * Nobody where a snapshot is taken by the system at one moment.
   */
  newcomers(known: Set<number>): ProcessEntry[];
  /**
   * Of those that can be read, by pid. One that is missing may be read a moment later: on Linux the environment is
   * empty while a program is being loaded.
   */
  evidenceOf(processes: readonly ProcessEntry[]): Promise<ReadonlyMap<number, Evidence>>;
  /** Canonical paths of the files that their stdout and stderr are, by pid; of those that can be read. */
  outputsOf(processes: readonly ProcessEntry[]): Promise<ReadonlyMap<number, readonly string[]>>;
  /** The command line, cut at 1000 characters; the program's name where it cannot be read. */
  commandOf(process: ProcessEntry): string;
  /** By pid. Who is missing is gone. */
  usageOf(processes: readonly ProcessEntry[]): Promise<ReadonlyMap<number, ProcessUsage>>;
  /** What they hold in memory together, in bytes; exact only where it may be more than `enough`. Who is gone holds nothing. */
  memoryOf(processes: readonly ProcessEntry[], enough: number): Promise<number>;

  /** The uid of its user. Undefined where it cannot be told: it is gone, or the platform has none. Costs what `identify` costs. */
  ownerOf(pid: number): number | undefined;
  /** Whether its paths mean the same files as ours: not so in a container. False where it cannot be told. */
  sharesFiles(pid: number): boolean;

  /**
   * Undefined: there is no such process. A zombie still has an identity, so a child that ended at once can be named too.
   * Linux: 20 µs. Elsewhere it runs a program: `ps` 10 ms, PowerShell 500 ms.
   */
  identify(pid: number): ProcessIdentity | undefined;
  /** Whether it is the same process of the same boot and no zombie. Costs what `identify` costs. */
  isAlive(identity: ProcessIdentity): boolean;
  /** Costs what `identify` costs. */
  childrenOf(pid: number): number[];
  /**
   * Whether a child has loaded a program: between fork and exec it is a copy of its parent, environment and signal
   * handlers included. Costs what `identify` costs.
   */
  hasLoaded(child: number, parent: number): boolean;
  /** BGJOBS_HOLDER=1 in its environment. Undefined while it cannot be read. Costs what `identify` costs. */
  holder(pid: number): boolean | undefined;

  /** Signal 0 only asks. On Linux the start time is compared once more right before. */
  signal(process: Pick<ProcessEntry, 'pid' | 'startTime'>, signal: NodeJS.Signals | 0): Delivery;
  /** Signals the group of `witness` at once, so that what forks cannot slip through. Same check as {@link signal}. */
  signalGroup(witness: ProcessEntry, signal: NodeJS.Signals): Delivery;
  /** True when it is certain that no process, not even a zombie, is in the group. One system call. */
  groupIsEmpty(pgid: number): boolean;
  /** Windows: ends the process and what is below it (`taskkill /T /F`). */
  endTree?(pid: number): Promise<void>;
}

/** A source, and the {@link Lookout} over it that all its users share. */
export interface ProcessTable extends ProcessSource {
  look: Lookout['look'];
}

export function createProcessTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  return withLookout(createProcessSource(platform));
}

export function withLookout(source: ProcessSource): ProcessTable {
  const lookout = new Lookout(source);
  return { ...source, look: (since) => lookout.look(since) };
}

function createProcessSource(platform: NodeJS.Platform): ProcessSource {
  switch (platform) {
    case 'linux':
    case 'android':
      return createLinuxProcessSource();
    case 'win32':
      return createWindowsProcessSource();
    default:
      return createPsProcessSource(platform);
  }
}
