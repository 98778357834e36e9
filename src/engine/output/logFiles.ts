import { type FileHandle, open } from 'node:fs/promises';
import type { Stream } from '../../api/output.ts';
import type { RunLogs } from './runLogs.ts';

/** Read at once, so that many small chunks do not cost a call each. */
const windowBytes = 65_536;

interface Window {
  from: number;
  bytes: Buffer;
}

/** Reads the log files of one run by position. Whoever makes one closes it. */
export class LogFiles {
  readonly #logs: RunLogs;
  readonly #files = new Map<Stream, FileHandle>();
  readonly #windows = new Map<Stream, Window>();

  constructor(logs: RunLogs) {
    this.#logs = logs;
  }

  /**
   * The bytes from `from` up to, not including, `to`: fewer when the log is shorter or was removed by hand.
   * @param backward what comes before will be asked for next, not what follows
   */
  async read(stream: Stream, from: number, to: number, backward = false): Promise<Buffer> {
    let window = this.#windows.get(stream);
    if (!window || from < window.from || to > window.from + window.bytes.length) {
      const begin = backward ? Math.max(0, Math.min(from, to - windowBytes)) : from;
      window = await this.#fill(stream, begin, to);
      if (window.bytes.length <= windowBytes) this.#windows.set(stream, window);
    }
    return window.bytes.subarray(from - window.from, to - window.from);
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map((file) => file.close()));
  }

  /** At least up to `to`, and a whole window if there is as much. */
  async #fill(stream: Stream, from: number, to: number): Promise<Window> {
    const file = await this.#open(stream);
    const bytes = Buffer.allocUnsafeSlow(file ? Math.max(to - from, windowBytes) : 0);
    let filled = 0;
    while (file && from + filled < to) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return { from, bytes: bytes.subarray(0, filled) };
  }

  async #open(stream: Stream): Promise<FileHandle | undefined> {
    const path = this.#logs[stream];
    const known = this.#files.get(stream);
    if (known || path === null) return known;
    try {
      const file = await open(path, 'r');
      this.#files.set(stream, file);
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
