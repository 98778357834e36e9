import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Creates a new folder with a short path: on macOS the path of a socket can have at most 103 bytes, and `tmpdir()`
 * alone has about 50.
 */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(process.platform === 'win32' ? tmpdir() : realpathSync('/tmp'), `${name}-`));
}

/** Retries, because a process that is about to exit may still write into the folder. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
