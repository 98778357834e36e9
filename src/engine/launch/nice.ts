import { existsSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { StartFailure } from './runner.ts';

/** Where POSIX systems have it; NixOS has it elsewhere on the PATH. */
const known = ['/usr/bin/nice', '/bin/nice'];

/**
 * By lowering this process's own value for a moment: the program `nice` would only warn, on the job's stderr, and go on.
 * @throws StartFailure when the value is below this process's own, and the user may not go there
 */
export function checkNice(nice: number | undefined): void {
  if (nice === undefined) return;
  const own = getPriority();
  if (nice >= own) return;
  try {
    setPriority(nice);
  } catch {
    const text = `The nice value ${nice} is below ${own}, that of the job host, and this user may not lower it.`;
    throw new StartFailure('permission_denied', `${text} Give ${own} or more.`);
  }
  setPriority(own);
}

/** What to put before a program, which replaces it, so that the program and all it starts have the nice value. */
export function nicePrefix(nice: number | undefined): string[] {
  if (nice === undefined) return [];
  const own = getPriority();
  if (nice === own) return [];
  return [known.find((path) => existsSync(path)) ?? 'nice', '-n', String(nice - own)];
}
