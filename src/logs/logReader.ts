import type { Chunk, OutputQuery } from '../api/output.ts';
import type { JobService } from '../api/endpoints.ts';
import { isWaiting } from '../api/values.ts';
import { longestLead, type ByteSlice } from '../text/utf8.ts';
import { LogFiles } from './logFiles.ts';

/** The most that is read at once. Each read costs two visits to Node's thread pool. */
const blockBytes = 524_288;

/** A part of a chunk, without text, and its bytes. */
export interface LogPiece extends ByteSlice {
  readonly chunk: Chunk;
}

/**
 * Reads the bytes of chunks from the log files of one run: a host then only sends positions. The caller disposes it.
 */
export class LogReader implements AsyncDisposable {
  readonly #service: JobService;
  readonly #run: SettledRun;
  readonly #pieceBytes: number;
  readonly #buffer: Buffer | undefined;
  #files: LogFiles | undefined;

  /**
   * @param options.pieceBytes the longest piece
   * @param options.reuse a piece is valid only until the next one is asked for, which saves half of the time
   */
  constructor(service: JobService, run: SettledRun, { pieceBytes = blockBytes, reuse = false } = {}) {
    this.#service = service;
    this.#run = run;
    this.#pieceBytes = pieceBytes;
    this.#buffer = reuse ? Buffer.allocUnsafeSlow(blockBytes + longestLead) : undefined;
  }

  /**
   * The bytes of a chunk in pieces, so that memory is bounded. Bytes that maxLogBytes has dropped meanwhile are left
   * out: the offset of the next piece is after them.
   * @throws the error of the file system: ENOENT, for example, when the job was removed meanwhile
   */
  async *read(chunk: Chunk): AsyncGenerator<LogPiece, void, void> {
    this.#files ??= new LogFiles((await this.#service.getRun(this.#run.runId)).logs, { buffer: this.#buffer });
    const end = chunk.offset + chunk.length;
    for (let offset = chunk.offset; offset < end;) {
      const from = Math.max(0, offset - longestLead);
      const block = await this.#files.read(chunk.stream, from, Math.min(offset + blockBytes, end));
      const blockEnd = from + block.length;
      if (blockEnd <= offset) return;
      offset += await this.#dropped(this.#files, { ...chunk, offset, length: blockEnd - offset });
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

  /** How many bytes at the beginning of a block were dropped between the host's answer and the read: they read as zeros. */
  async #dropped(files: LogFiles, { stream, offset, length }: Chunk): Promise<number> {
    // The newest maxLogBytes are always kept; older bytes may have been dropped before they were read.
    if ((await files.size(stream)) - offset <= this.#run.maxLogBytes) return 0;
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
  readonly maxLogBytes: number;
  /** The query, for exactly this run. */
  readonly query: OutputQuery;
}

/**
 * The bytes of an answer come from the files of one run, so the run is settled first: the requested one, else the
 * current one, else the next one of a waiting job.
 */
export async function settleRun(service: JobService, id: string, query: OutputQuery): Promise<SettledRun> {
  const job = await service.getJob(id);
  const waits = query.run === undefined && isWaiting(job.status);
  const number = waits ? (job.run ?? 0) + 1 : Number(query.run ?? job.run);
  return {
    jobId: job.id,
    runId: `${job.id}.${number}`,
    maxLogBytes: job.options.maxLogBytes,
    query: waits || job.run === null ? query : { ...query, run: number },
  };
}
