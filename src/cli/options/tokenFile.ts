import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { usageError } from '../base/cliFailure.ts';

export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * The token in a file that nobody else can read; a new one when the file is not there yet.
 * @throws BgJobsError `invalid_request` for a file that is not private, that holds no token, or that cannot be used
 */
export function readTokenFile(path: string, uid: number | undefined): string {
  try {
    writeFileSync(path, `${newToken()}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(path, (error as Error).message);
  }
  const { token, stat } = read(path);
  if (uid !== undefined && (stat.uid !== uid || (stat.mode & 0o077) !== 0)) {
    throw unusable(path, 'others can read or change it. Make it private: chmod 600');
  }
  if (!/^[\w.~+/=-]{16,}$/.test(token)) throw unusable(path, 'it must hold a token of 16 or more letters and digits');
  return token;
}

function read(path: string) {
  try {
    return { token: readFileSync(path, 'utf8').trim(), stat: statSync(path) };
  } catch (error) {
    throw unusable(path, (error as Error).message);
  }
}

function unusable(path: string, why: string) {
  return usageError(`The token file ${path} cannot be used: ${why}`);
}
