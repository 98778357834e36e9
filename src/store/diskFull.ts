import { BgJobsError } from '../api/errors.ts';

/** SQLITE_FULL (13, https://sqlite.org/rescode.html), ENOSPC / EDQUOT of a file operation, or what is made of them here. */
export function isDiskFull(error: unknown): boolean {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return errcode === 13 || code === 'ENOSPC' || code === 'EDQUOT' || code === 'disk_full';
}

/** @throws BgJobsError `disk_full` in place of the system's own error; anything else as it is */
export function rethrowDiskFull(error: unknown): never {
  if (isDiskFull(error)) {
    throw new BgJobsError(
      'disk_full',
      'The disk that holds the jobs is full. Free some space, for example by cleaning up finished jobs, and try again.',
    );
  }
  throw error;
}
