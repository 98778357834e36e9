import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';

/** The system reads no more of the first line of a script (bytes). */
const longestFirstLine = 256;

/** The remedy for a script from Windows. */
export const crlfText = 'has CRLF line ends; save it with LF, for example with dos2unix';

/** With its CR, if it has one; empty for a file that cannot be read. */
export function firstLine(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(longestFirstLine);
      return bytes.toString('latin1', 0, readSync(file, bytes)).split('\n', 1)[0] ?? '';
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

/** Why the system cannot run a script: the shell would only say that the script is not found. */
export function interpreterProblem(script: string, cwd: string): string | undefined {
  const [, interpreter] = /^#![ \t]*([^ \t]+)/.exec(firstLine(script)) ?? [];
  if (interpreter === undefined || existsSync(resolve(cwd, interpreter))) return undefined;
  const name = interpreter.replace('\r', '\\r');
  const missing = `The program "${name}" in its first line does not exist.`;
  return interpreter === name ? missing : `${missing} It ${crlfText}.`;
}
