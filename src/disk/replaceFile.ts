import { renameSync } from 'node:fs';

/** What Windows says while another process has the file open: a reader of ours, or a scanner for viruses. */
const busy: readonly (string | undefined)[] = ['EPERM', 'EACCES', 'EBUSY'];
const tries = 100;
const pauseMs = 20;

/** Puts a file in the place of another by rename. On Windows it waits until nobody has that one open, for two seconds. */
export function replaceFile(draft: string, target: string): void {
  for (let left = tries; ; left--) {
    try {
      return renameSync(draft, target);
    } catch (error) {
      if (process.platform !== 'win32' || left === 0 || !busy.includes((error as NodeJS.ErrnoException).code))
        throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}
