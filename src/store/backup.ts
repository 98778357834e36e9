import { chmodSync, renameSync, rmSync, statSync } from 'node:fs';
import * as sqlite from 'node:sqlite';
import { freeBytes } from '../disk/space.ts';

/** How old the copy may become before the next one is made, of a small store and of a large one (milliseconds). */
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A store with more is large (bytes). */
const smallBytes = 16 * 1024 * 1024;

/** A copy must not be what fills the disk (bytes). */
const leastFree = 64 * 1024 * 1024;

/** Pages that are copied at once: all of them. Between two steps another connection may write, and the copy begins again. */
const pagesAtOnce = 2 ** 31 - 1;

/** The copy of the store at `path`. */
export function backupPath(path: string): string {
  return `${path}.backup`;
}

/**
 * Copies the store once an hour, a large one once a day, by SQLite's own online copy, for the case that it is damaged. Old versions of Node cannot
 * do that (before 22.16): then there is none.
 * @param path of the store
 * @returns whether a copy was made
 */
export async function backUp(path: string, now: () => number): Promise<boolean> {
  const backup = (sqlite as { backup?: typeof sqlite.backup }).backup;
  const [target, draft] = [backupPath(path), `${backupPath(path)}.new`];
  const last = statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
  const { size } = statSync(path);
  const age = now() - last;
  if (!backup || (age >= 0 && age < (size > smallBytes ? dayMs : hourMs))) return false;
  if (freeBytes(path) < Math.max(leastFree, 4 * size)) return false;
  const source = new sqlite.DatabaseSync(path, { readOnly: true });
  try {
    await backup(source, draft, { rate: pagesAtOnce });
    chmodSync(draft, 0o600);
    renameSync(draft, target);
    return true;
  } finally {
    source.close();
    for (const suffix of ['', '-journal']) rmSync(draft + suffix, { force: true });
  }
}
