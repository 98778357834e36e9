import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFull } from '../api/errors.ts';
import { freeBytes, isDiskFull, shareOf, shortageBy, shortageOf, type Shortage } from './space.ts';

/** A host that starts needs as many: two of the store, its socket and its record. */
const fileCount = 4;
/** Of all files together, or a sixteenth of a small disk (bytes). */
const reservedBytes = 4_194_304;

/**
 * Room that is kept aside so that a full disk is no dead end: a few files that are given up, one by one, for records
 * that must be written then, such as ends, kills and removals. Nothing else may use it, so `check` refuses new jobs.
 */
export class DiskReserve {
  readonly #home: string;
  readonly #folder: string;
  #isGivenUp = false;
  #filling: Promise<void> | undefined;

  /** @param home the folder of the store */
  constructor(home: string) {
    this.#home = home;
    this.#folder = join(home, 'reserve');
  }

  /** Why the disk has no room for another job; null if it has. */
  get shortage(): Shortage | null {
    return shortageOf(this.#home);
  }

  /** To be called before a job is stored or started. @throws BgJobsError `disk_full` */
  check(): void {
    const { shortage } = this;
    if (shortage !== null) throw diskFull(...shortage);
    if (this.#isGivenUp) void this.refill().catch(() => undefined);
  }

  /**
   * Does what must be done on a full disk as well, with the help of the reserve.
   * @param work done again and again until it has room: what failed has left no trace
   * @throws BgJobsError `disk_full`: the reserve is used up; any other error of `work`
   */
  spend<T>(work: () => T): T {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        if (!this.give()) throw diskFull(...shortageBy(error));
      }
    }
  }

  /** Gives a part of it up. @returns false if nothing is left */
  give(): boolean {
    const [name] = this.#files();
    if (name === undefined) return false;
    try {
      rmSync(join(this.#folder, name), { force: true });
    } catch {
      // The disk cannot be written at all.
      return false;
    }
    this.#isGivenUp = true;
    return true;
  }

  /** Makes it whole again if the disk has room. */
  refill(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => (this.#filling = undefined));
    return this.#filling;
  }

  async #fill(): Promise<void> {
    const bytes = Math.floor(shareOf(this.#home, reservedBytes) / fileCount);
    for (let number = 1; number <= fileCount; number++) {
      const path = join(this.#folder, String(number));
      if (statSync(path, { throwIfNoEntry: false })?.size === bytes) continue;
      // What is left should be enough for the next job.
      if (this.shortage !== null || freeBytes(this.#home) < 3 * bytes * fileCount) return;
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      // Random, because a file system that compresses would give zeros no room.
      await writeFile(path, randomBytes(bytes), { mode: 0o600 });
    }
    this.#isGivenUp = false;
  }

  #files(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      return [];
    }
  }
}
