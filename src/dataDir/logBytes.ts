import { open, type FileHandle } from 'node:fs/promises';
import type { JobService } from '../api/endpoints.ts';
import type { Run } from '../api/job.ts';
import type { Chunk, OutputQuery, Stream } from '../api/output.ts';
import { isWaiting } from '../api/values.ts';

/** The longest piece. Each costs two visits to Node's thread pool. */
export const pieceBytes = 524_288;

/** A part of a chunk, without text, and the bytes it stands for. */
export interface Piece {
  readonly chunk: Chunk;
  readonly bytes: Buffer;
}

/** Reads from a run's log files what chunks stand for. Whoever makes one closes it. */
export class LogBytes {
  readonly #logs: Run['logs'];
  readonly #files = new Map<Stream, FileHandle>();

  constructor(logs: Run['logs']) {
    this.#logs = logs;
  }

  /**
   * In pieces, so that memory is bounded, however long the chunk is.
   * @param buffer of `pieceBytes`, to read into again and again: a piece is valid until the next one is asked for then.
   * Fresh memory for each costs as much as the reading itself.
   * @throws the error of the file system: ENOENT, for example, when the job was removed meanwhile
   */
  async *pieces(chunk: Chunk, buffer?: Buffer): AsyncGenerator<Piece> {
    const before = chunk.seq - chunk.length;
    for (let done = 0; done < chunk.length;) {
      const offset = chunk.offset + done;
      const bytes = await this.read(chunk.stream, offset, Math.min(pieceBytes, chunk.length - done), buffer);
      if (bytes.length === 0) return;
      done += bytes.length;
      yield { chunk: { ...chunk, seq: before + done, offset, length: bytes.length }, bytes };
    }
  }

  /** At most `length` bytes from `offset` on: fewer, or none, where the file ends. */
  async read(
    stream: Stream,
    offset: number,
    length: number,
    into: Buffer = Buffer.allocUnsafe(length),
  ): Promise<Buffer> {
    const file = await this.#file(stream);
    const { bytesRead } = await file.read(into, 0, length, offset);
    return into.subarray(0, bytesRead);
  }

  /** Of a stream's log now, in bytes. */
  async size(stream: Stream): Promise<number> {
    return (await (await this.#file(stream)).stat()).size;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
    this.#files.clear();
  }

  async #file(stream: Stream): Promise<FileHandle> {
    const known = this.#files.get(stream);
    if (known) return known;
    const file = await open(this.#logs[stream] ?? this.#logs.stdout, 'r');
    this.#files.set(stream, file);
    return file;
  }
}

export interface SettledRun {
  readonly jobId: string;
  readonly runId: string;
  readonly maxLogBytes: number;
  /** The query, now for exactly this run. */
  readonly query: OutputQuery;
}

/**
 * The bytes of an answer come from one run's files, so the run must be settled before: the one asked for, else the
 * current one, else the one that a waiting job will have next.
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
