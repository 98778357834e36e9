import { BgJobsError } from '../protocol/errors.ts';

/** SQLITE_FULL (13, https://sqlite.org/rescode.html) or ENOSPC / EDQUOT of a file operation. */
export function isDiskFull(error: unknown): boolean {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return errcode === 13 || code === 'ENOSPC' || code === 'EDQUOT';
}

/** @throws BgJobsError `disk_full` in place of the system's own error; anything else as it is */
export function rethrowDiskFull(error: unknown, home: string): never {
  if (isDiskFull(error)) {
    throw new BgJobsError(
      'disk_full',
      `The disk that holds ${home} is full. Free some space, for example by cleaning up finished jobs, and try again.`,
    );
  }
  throw error;
}
