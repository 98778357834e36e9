import { constants, fstatSync, promises } from 'node:fs'; // `node:fs/promises` itself would be loaded at once, with the reader of terminals
import type { FileHandle } from 'node:fs/promises';
import { BgJobsError } from '../api/errors.ts';

/** Windows has neither the flag nor named pipes in folders. */
const flags = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/**
 * Opens a log for reading. Somebody may have put something else in its place: to open a named pipe would wait for a writer.
 * @throws BgJobsError `invalid_state` when it is no file any more
 * @throws the error of the file system: ENOENT when it was removed, for example
 */
export async function openLogFile(path: string): Promise<FileHandle> {
  const file = await promises.open(path, flags);
  if (fstatSync(file.fd).isFile()) return file;
  await file.close();
  throw new BgJobsError('invalid_state', `The log ${path} has been replaced by something that is no file.`, { path });
}

/** What a reader is told when its log is not there. */
export function logRemoved(path: string): BgJobsError {
  return new BgJobsError('invalid_state', `The log ${path} has been removed.`, { path });
}
