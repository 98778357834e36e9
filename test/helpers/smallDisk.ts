import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Whether this user may mount file systems. */
export function mayMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A small file system at a path that does not exist yet. */
export class SmallDisk {
  readonly path: string;

  /** @param options of tmpfs, for example `size=12m` */
  constructor(path: string, options: string) {
    this.path = path;
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  }

  /** Takes all the room that is left. */
  fill(): void {
    const file = openSync(this.#filler, 'a');
    try {
      const block = Buffer.alloc(4096, 'x');
      for (;;) writeSync(file, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Takes all the files that are left. */
  fillWithFiles(): void {
    mkdirSync(this.#filler);
    try {
      for (let number = 0; ; number++) closeSync(openSync(join(this.#filler, String(number)), 'w'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  /** Takes what the host has kept for itself, too. */
  useUpReserve(): void {
    for (const name of readdirSync(this.#reserve)) {
      rmSync(join(this.#reserve, name));
      this.fill();
    }
  }

  /** How many files the reserve has. */
  get reserve(): number {
    return existsSync(this.#reserve) ? readdirSync(this.#reserve).length : 0;
  }

  free(): void {
    rmSync(this.#filler, { recursive: true });
  }

  readonly remove = (): void => {
    execFileSync('umount', ['--lazy', this.path]);
  };

  get #filler(): string {
    return join(this.path, 'filler');
  }

  get #reserve(): string {
    return join(this.path, 'reserve');
  }
}
