import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes a fresh folder with a short path: macOS allows 103 bytes for the path of a socket, and its `tmpdir()` alone
 * has about 50.
 */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(process.platform === 'win32' ? tmpdir() : realpathSync('/tmp'), `${name}-`));
}

/** Retries, since a process that is just ending may still write into the folder. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
