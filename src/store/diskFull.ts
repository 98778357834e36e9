import { setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError } from '../api/errors.ts';

/** How long to wait before a write that failed with a full disk is retried (milliseconds). */
export const diskRetryMs = 2000;

/** SQLITE_FULL (13, https://sqlite.org/rescode.html), ENOSPC / EDQUOT of a file operation, or the error made of them here. */
function isDiskFull(error: unknown): boolean {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return errcode === 13 || code === 'ENOSPC' || code === 'EDQUOT' || code === 'disk_full';
}

/** @throws BgJobsError `disk_full` in place of the system's own error; any other error unchanged */
export function rethrowDiskFull(error: unknown): never {
  if (isDiskFull(error)) {
    throw new BgJobsError(
      'disk_full',
      'The disk that holds the jobs is full. Free some space, for example by cleaning up finished jobs, and try again.',
    );
  }
  throw error;
}

/** Writes, unless the disk is full. @returns false if it is full @throws any other error of `write` */
export function unlessFull(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (isDiskFull(error)) return false;
    throw error;
  }
}

/**
 * Writes, and retries every two seconds while the disk is full, until `signal` is aborted.
 * @param onFull called after each attempt that failed
 * @returns undefined if the first attempt, which is synchronous, succeeded; otherwise a promise of the retries
 */
export function retryWhenFull(write: () => void, signal: AbortSignal, onFull: () => void): Promise<void> | undefined {
  if (unlessFull(write)) return undefined;
  const retry = async (): Promise<void> => {
    do {
      onFull();
      await sleep(diskRetryMs, undefined, { signal }).catch(() => undefined);
    } while (!signal.aborted && !unlessFull(write));
  };
  return retry();
}
