import { statSync, watch, type FSWatcher } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { readHostRecord, writeHostRecord, type HomeFiles, type HostRecord } from '../dataDir/dataDir.ts';
import { isSocket } from './endpoint.ts';
import { tryLock, type Lock } from './lock.ts';

/** After a change of a file, for whoever is changing several, and between two attempts to get the lock back (milliseconds). */
const settleMs = 100;

/** How often the files are looked at where the system has no watches left (milliseconds). */
const pollMs = 5000;

/**
 * Keeps a living host reachable, and the only one. The record of the host and the lock may be damaged or removed by
 * anybody; the guard puts them back. Without its store, or its socket, the host can serve nobody any more: it leaves.
 * Nothing polls, as long as the system has watches.
 */
export class HomeGuard {
  readonly #files: HomeFiles;
  readonly #record: HostRecord;
  readonly #leave: (reason: string) => void;
  readonly #store: number | undefined;
  #lock: Lock;
  #lockFile: number | undefined;
  #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #poll: NodeJS.Timeout | undefined;
  #isDisposed = false;

  /** @param lock of the host: the guard releases it, or the one that it has got in its place */
  constructor(files: HomeFiles, record: HostRecord, lock: Lock, leave: (reason: string) => void) {
    this.#files = files;
    this.#record = record;
    this.#leave = leave;
    this.#lock = lock;
    this.#store = fileOf(files.database);
    this.#lockFile = fileOf(files.lock);
    if (!this.#watch()) this.#poll = setInterval(this.#check, pollMs).unref();
  }

  /** No longer looks at the files. */
  dispose(): void {
    this.#isDisposed = true;
    this.#unwatch();
    clearTimeout(this.#timer);
    clearInterval(this.#poll);
  }

  release(): void {
    this.#lock.release();
  }

  readonly #changed = (): void => {
    this.#timer ??= setTimeout(this.#check, settleMs).unref();
  };

  readonly #check = (): void => {
    this.#timer = undefined;
    if (this.#isDisposed) return;
    try {
      this.#putBack();
    } catch {
      // With a full disk, say.
      this.#timer ??= setTimeout(this.#check, pollMs).unref();
    }
  };

  #putBack(): void {
    const { database, record, lock } = this.#files;
    if (fileOf(database) !== this.#store) return this.#leave('its store was removed');
    const { endpoint } = this.#record;
    if (isSocket(endpoint) && fileOf(endpoint) === undefined) return this.#leave('its socket was removed');
    if (!isDeepStrictEqual(readHostRecord(record), this.#record)) writeHostRecord(record, this.#record);
    // Another host may have taken it. It finds out that the store has an owner, and gives it back.
    if (fileOf(lock) !== this.#lockFile && !this.#lockAgain(lock)) this.#changed();
    // Those of files that were replaced watch nothing any more.
    this.#unwatch();
    this.#watch();
  }

  #lockAgain(path: string): boolean {
    const lock = tryLock(path);
    if (!lock) return false;
    this.#lock.release();
    this.#lock = lock;
    this.#lockFile = fileOf(path);
    return true;
  }

  /** @returns false if not all of them can be watched */
  #watch(): boolean {
    const { database, record, lock } = this.#files;
    try {
      for (const path of [
        database,
        record,
        lock,
        ...(isSocket(this.#record.endpoint) ? [this.#record.endpoint] : []),
      ]) {
        const watcher = watch(path, { persistent: false }, this.#changed);
        watcher.on('error', () => watcher.close());
        this.#watchers.push(watcher);
      }
      return true;
    } catch {
      return false;
    }
  }

  #unwatch(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }
}

/** What tells a file from another one that has its name later. Undefined if there is none. */
function fileOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
