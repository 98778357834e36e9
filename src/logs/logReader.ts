/**
 * The room `logs` reads the log files of runs: their bytes by position, for the engine, the server and the clients, and
 * what their followers share. It may import api and text; every room above may import it.
 */
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Chunk, OutputQuery, Stream } from '../api/output.ts';
import { isWaiting, type JobStatus } from '../api/values.ts';
import { longestLead, type ByteSlice } from '../text/textStream.ts';
import { logRemoved, openLogFile } from './logFile.ts';

/** The most that is read at once. Each read costs two visits to Node's thread pool. */
const blockBytes = 524_288;

/** A part of a chunk, without text, and its bytes. */
export interface LogPiece extends ByteSlice {
  readonly chunk: Chunk;
}

/** The part of a job that tells where its logs are. */
export interface LoggedJob {
  readonly id: string;
  readonly status: JobStatus;
  readonly run: number | null;
  readonly runs: readonly { readonly number: number; readonly logs: LogPaths }[];
}

/** The part of `JobService` that tells where the logs of a run are. */
export interface LogSource {
  getJob(id: string): Promise<LoggedJob>;
  getRun(runId: string): Promise<{ readonly logs: LogPaths }>;
  getOutput(id: string, query: OutputQuery): Promise<{ readonly droppedBytes: number }>;
}

/** Absolute paths. Without a stderr, both streams are in stdout's log. */
export interface LogPaths {
  readonly stdout: string;
  readonly stderr: string | null;
}

/**
 * Reads the bytes of chunks from the log files of one run: a host then only sends positions. The caller disposes it.
 */
export class LogReader implements AsyncDisposable {
  readonly #service: LogSource;
  readonly #run: SettledRun;
  readonly #pieceBytes: number;
  readonly #options: LogFilesOptions;
  #files: LogFiles | undefined;

  /**
   * @param options.pieceBytes the longest piece
   * @param options.hasOther the caller has another way when there is no file: the error is that of the file system
   * @param options.reuse a piece is valid only until the next one is asked for, which saves half of the time
   */
  constructor(service: LogSource, run: SettledRun, { pieceBytes = blockBytes, reuse = false, hasOther = false } = {}) {
    this.#service = service;
    this.#run = run;
    this.#pieceBytes = pieceBytes;
    const buffer = reuse ? Buffer.allocUnsafeSlow(blockBytes + longestLead) : undefined;
    this.#options = { buffer, missingIsTold: !hasOther };
  }

  /**
   * The bytes of a chunk in pieces, so that memory is bounded. Bytes that were dropped meanwhile are left
   * out: the offset of the next piece is after them.
   * @throws BgJobsError `invalid_state` when the log was removed, perhaps with the job, or is no file any more
   */
  async *read(chunk: Chunk): AsyncGenerator<LogPiece, void, void> {
    const { runId, logs } = this.#run;
    this.#files ??= new LogFiles(logs ?? (await this.#service.getRun(runId)).logs, this.#options);
    const end = chunk.offset + chunk.length;
    for (let offset = chunk.offset; offset < end;) {
      const from = Math.max(0, offset - longestLead);
      const block = await this.#files.read(chunk.stream, from, Math.min(offset + blockBytes, end));
      const blockEnd = from + block.length;
      if (blockEnd <= offset) return;
      // What was dropped reads as zeros, and hardly anybody writes any.
      if (block.includes(0, offset - from))
        offset += await this.#dropped({ ...chunk, offset, length: blockEnd - offset });
      for (; offset < blockEnd; offset += this.#pieceBytes) {
        const at = offset - from;
        const bytes = block.subarray(at, at + this.#pieceBytes);
        const { length } = bytes;
        const piece = { ...chunk, seq: chunk.seq - (end - offset) + length, offset, length };
        yield { chunk: piece, bytes, lead: block.subarray(Math.max(0, at - longestLead), at) };
      }
      offset = blockEnd;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files?.[Symbol.asyncDispose]();
  }

  /** How many bytes at the beginning of a block were dropped between the host's answer and the read. */
  async #dropped({ stream, offset, length }: Chunk): Promise<number> {
    const range = `${offset}-${offset + length - 1}`;
    const { run } = this.#run.query;
    const { droppedBytes } = await this.#service.getOutput(this.#run.jobId, {
      ...(run !== undefined && { run }),
      stream,
      range,
      text: 'false',
    });
    return Math.min(droppedBytes, length);
  }
}

export interface SettledRun {
  readonly jobId: string;
  readonly runId: string;
  /** Undefined for a run that the job did not have yet. */
  readonly logs?: LogPaths | undefined;
  /** The query, for exactly this run. */
  readonly query: OutputQuery;
}

/**
 * The bytes of an answer come from the files of one run, so the run is settled first: the requested one, else the
 * current one, else the next one of a waiting job.
 */
export async function settleRun(service: LogSource, id: string, query: OutputQuery): Promise<SettledRun> {
  return settledRun(await service.getJob(id), query);
}

export function settledRun(job: LoggedJob, query: OutputQuery): SettledRun {
  const waits = query.run === undefined && isWaiting(job.status);
  const number = waits ? (job.run ?? 0) + 1 : Number(query.run ?? job.run);
  return {
    jobId: job.id,
    runId: `${job.id}.${number}`,
    logs: job.runs.find((run) => run.number === number)?.logs,
    query: waits || job.run === null ? query : { ...query, run: number },
  };
}

/** The least that is read at once (bytes), so that many small chunks do not cost a call each. */
const windowBytes = 65_536;

interface Window {
  from: number;
  bytes: Buffer;
}

export interface LogFilesOptions {
  /** Treat a log that does not exist, because it was removed by hand, as empty. */
  missingIsEmpty?: boolean;
  /** Otherwise tell that it was removed, in words, instead of the error of the file system. */
  missingIsTold?: boolean;
  /**
   * Memory to read into again and again, at least 64 KiB; bytes are valid until the next read then. Fresh memory for
   * each read costs as much as the reading itself.
   */
  buffer?: Buffer | undefined;
}

/** Reads the log files of one run by position. The caller disposes it. */
export class LogFiles implements AsyncDisposable {
  readonly #paths: Record<Stream, string>;
  readonly #options: LogFilesOptions;
  readonly #files = new Map<Stream, FileHandle>();
  readonly #windows = new Map<Stream, Window>();

  constructor(logs: LogPaths, options: LogFilesOptions = {}) {
    this.#paths = { stdout: logs.stdout, stderr: logs.stderr ?? logs.stdout };
    this.#options = options;
  }

  /**
   * The bytes from `from` up to, not including, `to`: fewer when the log is shorter.
   * @param backward the next read will be for the bytes before, not after
   * @throws BgJobsError `invalid_state` when the log was removed, perhaps with the job, or is no file any more
   */
  async read(stream: Stream, from: number, to: number, backward = false): Promise<Buffer> {
    let window = this.#windows.get(stream);
    if (!window || from < window.from || to > window.from + window.bytes.length) {
      const begin = backward ? Math.max(0, Math.min(from, to - windowBytes)) : from;
      // With a buffer of the caller's, the other windows are in the same memory.
      if (this.#options.buffer) this.#windows.clear();
      window = await this.#fill(stream, begin, to);
      if (window.bytes.length <= windowBytes) this.#windows.set(stream, window);
    }
    return window.bytes.subarray(from - window.from, to - window.from);
  }

  /** The current size of a stream's log, in bytes. */
  async size(stream: Stream): Promise<number> {
    return (await (await this.#open(stream))?.stat())?.size ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map((file) => file.close()));
  }

  /** At least up to `to`, and a whole window if there is as much. */
  async #fill(stream: Stream, from: number, to: number): Promise<Window> {
    const file = await this.#open(stream);
    const length = file ? Math.max(to - from, windowBytes) : 0;
    const bytes = this.#options.buffer?.subarray(0, length) ?? Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (file && from + filled < to) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return { from, bytes: bytes.subarray(0, filled) };
  }

  async #open(stream: Stream): Promise<FileHandle | undefined> {
    const known = this.#files.get(stream);
    if (known) return known;
    try {
      const file = await openLogFile(this.#paths[stream]);
      this.#files.set(stream, file);
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      if (this.#options.missingIsEmpty) return undefined;
      throw this.#options.missingIsTold ? logRemoved(this.#paths[stream]) : error;
    }
  }
}

export interface BatchLimits {
  /** The least time between two batches (milliseconds). */
  everyMs: number;
  /** The most bytes in a batch of several chunks; no more than that is read before it is taken. */
  maxBytes: number;
}

/**
 * A live stream in batches: its first chunk at once, and then all that has arrived since the batch before.
 * @param follow opens the stream, which ends when the signal is aborted
 */
export async function* batched(
  follow: (signal: AbortSignal) => AsyncIterable<Chunk>,
  { everyMs, maxBytes }: BatchLimits,
  signal: AbortSignal,
): AsyncGenerator<Chunk[], void, void> {
  const left = new AbortController();
  const chunks = follow(AbortSignal.any([signal, left.signal]))[Symbol.asyncIterator]();
  const read = (): Promise<IteratorResult<Chunk>> => {
    const next = chunks.next();
    // A failure is reported to the loop below, which may not be waiting for it yet.
    next.catch(() => undefined);
    return next;
  };
  try {
    let next = read();
    for (let last = -Infinity; ; last = performance.now()) {
      let result: IteratorResult<Chunk> | null = await next;
      if (result.done) return;
      const batch: Chunk[] = [];
      const due = pause(Math.max(0, last + everyMs - performance.now()), null);
      for (let bytes = 0; result && !result.done;) {
        bytes += result.value.length;
        if (batch.length > 0 && bytes > maxBytes) break;
        batch.push(result.value);
        next = read();
        result = await Promise.race([next, due]);
      }
      if (!result?.done) await due;
      yield batch;
    }
  } finally {
    left.abort();
    await chunks.return?.();
  }
}
