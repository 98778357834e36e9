/** Names one process for ever: a pid alone is given to others again. Plain data, to be stored with the run. */
export interface ProcessIdentity {
  pid: number;
  /** A decimal number in the platform's own unit: clock ticks since boot on Linux, else milliseconds since 1970. */
  startTime: string;
  /** Empty where it cannot be told; start times are absolute there, so they suffice. */
  bootId: string;
}

/** A process as one snapshot saw it. */
export interface ProcessEntry {
  pid: number;
  ppid: number;
  /** 0 where there are no groups (Windows). */
  pgid: number;
  /** 0 where it is not known. */
  sid: number;
  /** As in {@link ProcessIdentity}. */
  startTime: string;
  /** A zombie is dead, though `kill(pid, 0)` succeeds. */
  state: 'running' | 'stopped' | 'zombie';
  /** The short name on Linux: the command line costs another read, see `ProcessTable.commandOf`. */
  command: string;
}

/** One string for pid and start time: the key of maps and sets over processes of one boot. */
export function keyOf(process: Pick<ProcessEntry, 'pid' | 'startTime'>): string {
  return `${process.pid}@${process.startTime}`;
}
