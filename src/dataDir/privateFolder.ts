import { accessSync, chmodSync, constants, lstatSync, mkdirSync, statSync } from 'node:fs';
import { BgJobsError } from '../api/errors.ts';

/**
 * Whether only this user can access a folder: it is a real folder, owned by us, and closed to group and others.
 * In a shared place like /tmp, another user may have created a folder of that name first.
 * On Windows, folders in a user's profile are private by inheritance, and there is no uid.
 * @param uid ours; undefined on Windows
 */
export function isPrivateFolder(folder: string, uid: number | undefined): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return false;
  return uid === undefined || (stat.uid === uid && (stat.mode & 0o077) === 0);
}

/**
 * Creates the data directory with mode 0700, or gives an existing one that mode.
 * @throws BgJobsError `host_unreachable`: it cannot be created or belongs to another user
 */
export function ensureHome(home: string, uid: number | undefined): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const stat = statSync(home);
    if (uid !== undefined && stat.isDirectory() && stat.uid !== uid) throw new Error('it belongs to another user');
    if (uid !== undefined && stat.isDirectory() && (stat.mode & 0o077) !== 0) chmodSync(home, 0o700);
    accessSync(home, constants.W_OK);
  } catch (error) {
    throw new BgJobsError(
      'host_unreachable',
      `The folder ${home} cannot be used for the jobs: ${(error as Error).message}. ` +
        'Make it writable, or set BGJOBS_HOME to another folder.',
      { home },
    );
  }
}
