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
/** A log that has become a quarter too long is cut so much later, together with what has come meanwhile (milliseconds). */
const beforeCutMs = 2000;

export interface LogLimitEvents {
  /** `logs.dropped` has changed: to be stored, so that no later reader takes the hole for output. */
  onDropped: (logs: RunLogs) => void;
  /** Once per run: its logs are kept whole from now on. */
  onUnlimited: (logs: RunLogs, error: unknown) => void;
}

/**
 * Keeps logs within maxLogBytes by dropping their oldest bytes. Truncating would lose an unknown number of bytes, because
 * the writer has the file open; so a hole is punched at its beginning. The newest maxLogBytes are always kept, and up to
 * a quarter more, so that this is done rarely. A log may become twice as long for a moment: while it is cut its writer
 * waits, so the less is cut of a flood, the less it costs. What a writer adds until it is seen and cut comes on top.
 */
export class LogLimit {
  readonly #punch: PunchHole;
  readonly #events: LogLimitEvents;
  readonly #pauseMs: number;
  #isDisposed = false;
  /** The logs that are to be cut, by path, with the size that they have reached meanwhile. */
  readonly #busy = new Map<string, Cut>();
  readonly #unlimited = new WeakSet<RunLogs>();

  constructor(punch: PunchHole, events: LogLimitEvents, pauseMs = beforeCutMs) {
    this.#pauseMs = pauseMs;
    this.#punch = punch;
    this.#events = events;
  }

  /** @param sizes of the logs now, in bytes */
  enforce(logs: RunLogs, sizes: Record<Stream, number>): void {
    for (const stream of bothStreams) this.#enforce(logs, stream, sizes[stream]);
  }

  /** How many bytes a run may add to a log before it has to be cut at once. */
  room(logs: RunLogs, sizes: Record<Stream, number>): number {
    if (this.#unlimited.has(logs)) return Infinity;
    return Math.min(...bothStreams.map((stream) => logs.dropped[stream] + 2 * logs.maxLogBytes - sizes[stream]));
  }

  /** The logs of a run, if they are being cut or will soon be. */
  logsOf(run: number): RunLogs | undefined {
    return [...this.#busy.values()].find(({ logs }) => logs.run === run)?.logs;
  }

  /** Resolves when all logs that are known to be too long are cut, without pauses. To be called last. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    while (this.#busy.size > 0) {
      const cuts = [...this.#busy.values()];
      for (const { now } of cuts) now.abort();
      await Promise.all(cuts.map(({ done }) => done));
    }
  }

  #enforce(logs: RunLogs, stream: Stream, size: number): void {
    const path = logs[stream];
    if (path === null) return;
    const busy = this.#busy.get(path);
    const kept = size - logs.dropped[stream];
    const isUrgent = this.#isDisposed || kept >= 2 * logs.maxLogBytes;
    if (busy) {
      busy.size = size;
      if (isUrgent) busy.now.abort();
      return;
    }
    if (!isWorthIt(kept, logs.maxLogBytes) || this.#unlimited.has(logs)) return;
    const cut: Cut = { logs, size, now: new AbortController(), done: Promise.resolve() };
    this.#busy.set(path, cut);
    if (isUrgent) cut.now.abort();
    cut.done = pause(this.#pauseMs, undefined, { signal: cut.now.signal })
      .catch(() => undefined)
      .then(() => this.#drop(logs, stream, path, wholeBlocks(cut.size - logs.maxLogBytes)))
      .then(() => {
        this.#busy.delete(path);
        this.#enforce(logs, stream, cut.size);
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
      await this.#punch(path, before, bytes).catch((error: unknown) => {
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

interface Cut {
  logs: RunLogs;
  size: number;
  /** Ends the time before it. */
  now: AbortController;
  done: Promise<void>;
}

function isWorthIt(bytes: number, maxBytes: number): boolean {
  return bytes > maxBytes + Math.max(maxBytes / 4, blockBytes);
}

function wholeBlocks(bytes: number): number {
  return Math.floor(bytes / blockBytes) * blockBytes;
}

/** F_PUNCHHOLE is 99 and takes {uint32 flags, uint32 reserved, int64 offset, int64 length}: fcntl(2) of macOS. */
const punchByPerl = `
open(my $file, '+<', $ARGV[0]) or die "$!\\n";
fcntl($file, 99, pack('LLqq', 0, 0, 0, $ARGV[1])) or die "$!\\n";
`;

/**
 * fallocate(2) with FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE. What was a hole before is one piece, for it may not have
 * become one. The rest is cut by the megabyte, so that the writer, who waits meanwhile, comes in between.
 */
const punchBySyscall = `
my ($path, $number, $before, $bytes) = @ARGV;
open(my $file, '+<', $path) or die "$!\\n";
for (my ($at, $end) = (0, $before + 0); $at < $bytes; $at = $end, $end = $at + 1048576) {
  $end = $bytes + 0 if $end > $bytes;
  next if $end == $at;
  syscall($number + 0, fileno($file), 3, $at, $end - $at) == 0 or die "$!\\n";
}
`;

/** The number of fallocate(2): https://man7.org/linux/man-pages/man2/syscalls.2.html, asm/unistd_64.h, asm-generic/unistd.h */
const fallocateNumbers: Partial<Record<NodeJS.Architecture, number>> = { x64: 285, arm64: 47 };

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

/**
 * @param before how many of the bytes should be a hole already
 * @throws the error of the command that failed: it is not installed, or the file system has no holes
 */
export type PunchHole = (file: string, before: number, bytes: number) => Promise<void>;

export function punchHole(platform: NodeJS.Platform, arch: NodeJS.Architecture = process.arch): PunchHole {
  const run = promisify(execFile);
  const number = fallocateNumbers[arch];
  return async (file, before, bytes) => {
    // The command `fallocate` ends with an fsync of the whole log, which its writer waits for, a second or more.
    if (platform === 'linux' && number !== undefined) {
      const args = [number, before, bytes].map(String);
      const isDone = await run('perl', ['-e', punchBySyscall, file, ...args]).then(
        () => true,
        () => false,
      );
      if (isDone) return;
    }
    for (const [command, ...args] of punchHoleCommands(platform, file, bytes)) await run(command, args);
  };
}
