import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { backUp } from './backup.ts';
import type { EventTable } from './eventTable.ts';

/** At most one mark in this time (milliseconds). */
const markEveryMs = 1000;

/** At most one checkpoint in this time (milliseconds). It waits for the disk. */
const checkpointEveryMs = 60_000;

/**
 * Notices at the next start that changes of the store are missing: SQLite takes a write-ahead log that was removed, cut or
 * damaged for one that ends there. The number of the newest event is kept in a file of its own, at most a second old.
 *
 * It also moves changes from the log into the database at the latest a minute after they were made. SQLite does that only
 * after 16 MB, so all that a young store has would be in the log. And it has the store copied.
 */
export class StoreMark {
  readonly #path: string;
  readonly #storePath: string;
  readonly #database: DatabaseSync;
  readonly #events: EventTable;
  readonly #now: () => number;
  readonly #log: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #marked: number;
  #checkpointAt = -Infinity;
  /** Undefined: the store is not being copied. Two copies at once would write the same file. */
  #copying: Promise<void> | undefined;

  /** @param storePath of the database @param now milliseconds since the epoch */
  constructor(
    path: string,
    storePath: string,
    database: DatabaseSync,
    events: EventTable,
    now: () => number,
    log: (message: string) => void,
  ) {
    this.#path = path;
    this.#storePath = storePath;
    this.#now = now;
    this.#database = database;
    this.#events = events;
    this.#log = log;
    this.#marked = this.#read();
  }

  /** How many events are missing, 0 if none is. Their numbers are not given again, so that nobody misses the next ones. */
  missing(): number {
    const missing = Math.max(0, this.#marked - this.#events.last());
    if (missing > 0) this.#events.continueAfter(this.#marked);
    return missing;
  }

  /** Call it after every change. */
  readonly changed = (): void => {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#write();
      this.#checkpoint();
    }, markEveryMs).unref();
  };

  /** Marks the last change. Resolves when the store is no longer being copied. */
  async dispose(): Promise<void> {
    clearTimeout(this.#timer);
    this.#write();
    await this.#copying;
  }

  #read(): number {
    try {
      const number = Number(readFileSync(this.#path, 'utf8'));
      return Number.isSafeInteger(number) && number > 0 ? number : 0;
    } catch {
      return 0;
    }
  }

  #write(): void {
    const last = this.#events.last();
    if (last === this.#marked) return;
    try {
      writeFileSync(`${this.#path}.new`, String(last), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
      this.#marked = last;
    } catch (error) {
      this.#log(`${this.#path} could not be written: ${String(error)}`);
    }
  }

  #checkpoint(): void {
    const now = performance.now();
    if (now - this.#checkpointAt < checkpointEveryMs) return;
    this.#checkpointAt = now;
    try {
      this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch (error) {
      this.#log(`The store could not be written from its log: ${String(error)}`);
    }
    this.#copying ??= this.#copy();
  }

  async #copy(): Promise<void> {
    try {
      await backUp(this.#storePath, this.#now);
    } catch (error) {
      this.#log(`The store could not be copied: ${String(error)}`);
    } finally {
      this.#copying = undefined;
    }
  }
}
