import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Stream } from '../../api/output.ts';
import { bothStreams, type RunLogs } from '../../store/runTable.ts';

/** Called when a run's index has grown; with `true`, once, when it has grown for the last time. */
export type GrowthListener = (finished: boolean) => void;

/** Reports growth of a run's output. The tracker does; a run that is not tracked no longer grows. */
export interface GrowthSource {
  /** Calls back at once, with `true`, for a run that is not tracked. @returns a function that ends it */
  onGrowth(run: number, listener: GrowthListener): () => void;
}

/** File systems give back whole blocks. */
const blockBytes = 4096;
/** A log is cut no more often, however fast it grows: each cut starts a process, which costs some 5 ms. */
const betweenCutsMs = 500;

export interface LogLimitEvents {
  /** `logs.dropped` has changed: to be stored, so that no later reader takes the hole for output. */
  onDropped: (logs: RunLogs) => void;
  /** Once per run: its logs are kept whole from now on. */
  onUnlimited: (logs: RunLogs, error: unknown) => void;
}

/**
 * Keeps logs within maxLogBytes by dropping their oldest bytes. Truncating would lose an unknown number of bytes, because
 * the writer has the file open; so a hole is punched at its beginning. The newest maxLogBytes are always kept, and up to
 * a quarter more, so that this is done rarely.
 */
export class LogLimit {
  readonly #punch: PunchHole;
  readonly #events: LogLimitEvents;
  readonly #pauseMs: number;
  readonly #disposed = new AbortController();
  /** The logs that are being cut or were just cut, by path, with the size that they have reached meanwhile. */
  readonly #busy = new Map<string, { logs: RunLogs; size: number; done: Promise<void> }>();
  readonly #unlimited = new WeakSet<RunLogs>();

  constructor(punch: PunchHole, events: LogLimitEvents, pauseMs = betweenCutsMs) {
    this.#pauseMs = pauseMs;
    this.#punch = punch;
    this.#events = events;
  }

  /** @param sizes of the logs now, in bytes */
  enforce(logs: RunLogs, sizes: Record<Stream, number>): void {
    for (const stream of bothStreams) this.#enforce(logs, stream, sizes[stream]);
  }

  /** The logs of a run, if they are being cut or may soon be. */
  logsOf(run: number): RunLogs | undefined {
    return [...this.#busy.values()].find(({ logs }) => logs.run === run)?.logs;
  }

  /** Resolves when all logs that are known to be too long are cut, without pauses. To be called last. */
  async dispose(): Promise<void> {
    this.#disposed.abort();
    while (this.#busy.size > 0) await Promise.all([...this.#busy.values()].map(({ done }) => done));
  }

  #enforce(logs: RunLogs, stream: Stream, size: number): void {
    const path = logs[stream];
    if (path === null) return;
    const busy = this.#busy.get(path);
    if (busy) {
      busy.size = size;
      return;
    }
    const bytes = bytesToDrop(size, logs.dropped[stream], logs.maxLogBytes);
    if (bytes === undefined || this.#unlimited.has(logs)) return;
    const entry = { logs, size, done: Promise.resolve() };
    this.#busy.set(path, entry);
    entry.done = this.#drop(logs, stream, path, bytes)
      .then(() => pause(this.#pauseMs, undefined, { signal: this.#disposed.signal }).catch(() => undefined))
      .then(() => {
        this.#busy.delete(path);
        this.#enforce(logs, stream, entry.size);
      });
  }

  async #drop(logs: RunLogs, stream: Stream, path: string, bytes: number): Promise<void> {
    const before = logs.dropped[stream];
    const set = (dropped: number): void => {
      logs.dropped[stream] = dropped;
      this.#events.onDropped(logs);
    };
    try {
      // Announced to readers and to the store before it is done: a reader in between sees no hole, only fewer bytes.
      set(bytes);
      await this.#punch(path, bytes).catch((error: unknown) => {
        set(before);
        throw error;
      });
    } catch (error) {
      logs.dropped[stream] = before;
      if (this.#unlimited.has(logs)) return;
      this.#unlimited.add(logs);
      this.#events.onUnlimited(logs, error);
    }
  }
}

/** The new length of a log's dropped beginning; undefined while it is not worth it. */
function bytesToDrop(size: number, dropped: number, maxBytes: number): number | undefined {
  if (size - dropped <= maxBytes + Math.max(maxBytes / 4, blockBytes)) return undefined;
  return Math.floor((size - maxBytes) / blockBytes) * blockBytes;
}

/** F_PUNCHHOLE is 99 and takes {uint32 flags, uint32 reserved, int64 offset, int64 length}: fcntl(2) of macOS. */
const punchByPerl = `
open(my $file, '+<', $ARGV[0]) or die "$!\\n";
fcntl($file, 99, pack('LLqq', 0, 0, 0, $ARGV[1])) or die "$!\\n";
`;

/**
 * The commands, to be run one after the other, that give the first bytes of a file back to the file system. Its size
 * and all offsets stay, so a writer that has it open notices nothing and loses nothing; the bytes read as zeros.
 * @param bytes whole blocks: macOS refuses anything else
 */
export function punchHoleCommands(platform: NodeJS.Platform, file: string, bytes: number): [string, ...string[]][] {
  switch (platform) {
    case 'win32':
      return [
        ['fsutil', 'sparse', 'setflag', file],
        ['fsutil', 'file', 'setzerodata', 'offset=0', `length=${bytes}`, file],
      ];
    case 'darwin':
      return [['perl', '-e', punchByPerl, file, String(bytes)]];
    default:
      return [['fallocate', '--punch-hole', '--keep-size', '--offset', '0', '--length', String(bytes), file]];
  }
}

/** @throws the error of the command that failed: it is not installed, or the file system has no holes */
export type PunchHole = (file: string, bytes: number) => Promise<void>;

export function punchHole(platform: NodeJS.Platform): PunchHole {
  const run = promisify(execFile);
  return async (file, bytes) => {
    for (const [command, ...args] of punchHoleCommands(platform, file, bytes)) await run(command, args);
  };
}
