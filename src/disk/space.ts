import { accessSync, constants, statfsSync } from 'node:fs';

/** Why a disk takes nothing, and what helps, each as half a sentence. For a full one, the advice is left out. */
export type Shortage = readonly [reason: string, advice?: string];

/** To whoever wants to store something, a disk that is read-only or damaged is a full one. */
const unwritable: Shortage = [
  'the disk that holds the jobs cannot be written',
  'Check whether it is read-only or damaged',
];

/** With less than this, or a sixteenth of a small disk, a disk counts as full (bytes). */
const leastBytes = 1_048_576;
/** A run makes up to six files and folders. */
const leastFiles = 8;

/** The part of a disk that is kept free: at most `most`, and no more than a sixteenth of a small disk (bytes). */
export function shareOf(folder: string, most: number): number {
  const { blocks, bsize } = statfsSync(folder);
  return blocks > 0 ? Math.min(most, Math.floor((blocks * bsize) / 16)) : most;
}

/** What this user may still write to the disk that holds a folder, in bytes. */
export function freeBytes(folder: string): number {
  const { blocks, bfree, bavail, bsize } = statfsSync(folder);
  // Some network file systems tell no numbers.
  if (blocks === 0) return Infinity;
  return (process.getuid?.() === 0 ? bfree : bavail) * bsize;
}

/** Why a disk has no room for another job; null if it has. @param folder the store */
export function shortageOf(folder: string): Shortage | null {
  try {
    if (freeBytes(folder) < shareOf(folder, leastBytes)) return ['the disk that holds the jobs is full'];
    const { files, ffree } = statfsSync(folder);
    if (files > 0 && ffree < leastFiles) return ['the disk that holds the jobs has no room for more files'];
    accessSync(folder, constants.W_OK);
    return null;
  } catch (error) {
    // Without the folder, another error will tell.
    return isUnwritable(error) ? unwritable : null;
  }
}

/**
 * Whether the disk takes nothing: SQLITE_FULL (13), SQLITE_IOERR_SHMSIZE (4874), ENOSPC or EDQUOT of a file operation, the
 * errors of a disk that cannot be written, or the error that stands for all of them.
 */
export function isDiskFull(error: unknown): boolean {
  const { code, errcode } = error as { code?: string; errcode?: number };
  const isFull = errcode === 13 || errcode === 4874 || code === 'ENOSPC' || code === 'EDQUOT' || code === 'disk_full';
  return isFull || isUnwritable(error);
}

/** @param error for which {@link isDiskFull} is true */
export function shortageBy(error: unknown): Shortage {
  return isUnwritable(error) ? unwritable : ['the disk that holds the jobs is full'];
}

/**
 * SQLITE_READONLY (8) with _RECOVERY (264), _CANTINIT (1288) and _DIRECTORY (1544), and SQLITE_IOERR of _WRITE (778), _FSYNC (1034), _DIR_FSYNC (1290), _TRUNCATE (1546), _DELETE (2570)
 * and _SHMOPEN (4618), see https://sqlite.org/rescode.html. A system makes a damaged file system read-only while files are
 * open.
 */
const unwritableErrors: readonly unknown[] = [8, 264, 1288, 1544, 778, 1034, 1290, 1546, 2570, 4618, 'EROFS', 'EIO'];

function isUnwritable(error: unknown): boolean {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return unwritableErrors.includes(errcode ?? code);
}

/** For the warnings of a host; undefined if the disk has room. @param folder the store */
export function diskWarning(folder: string): string | undefined {
  const shortage = shortageOf(folder);
  if (shortage === null) return undefined;
  const [reason, advice = `Free some space in ${folder}, for example with bgjobs cleanup`] = shortage;
  return `No job starts, because ${reason}. ${advice}.`;
}
