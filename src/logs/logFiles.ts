import { type FileHandle, open } from 'node:fs/promises';
import type { Stream } from '../api/output.ts';

/** The least that is read at once (bytes), so that many small chunks do not cost a call each. */
const windowBytes = 65_536;

interface Window {
  from: number;
  bytes: Buffer;
}

export interface LogFilesOptions {
  /** Treat a log that does not exist, because it was removed by hand, as empty. */
  missingIsEmpty?: boolean;
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

  /** @param logs absolute paths; without a stderr both streams are in stdout's log */
  constructor(logs: { readonly stdout: string; readonly stderr: string | null }, options: LogFilesOptions = {}) {
    this.#paths = { stdout: logs.stdout, stderr: logs.stderr ?? logs.stdout };
    this.#options = options;
  }

  /**
   * The bytes from `from` up to, not including, `to`: fewer when the log is shorter.
   * @param backward the next read will be for the bytes before, not after
   * @throws the error of the file system: ENOENT, for example, when the job was removed meanwhile
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
      const file = await open(this.#paths[stream], 'r');
      this.#files.set(stream, file);
      return file;
    } catch (error) {
      if (this.#options.missingIsEmpty && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
