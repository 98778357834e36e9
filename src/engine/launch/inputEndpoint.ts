import { createHash } from 'node:crypto';
import { dirname } from 'node:path';

/** Where the supervisor listens for live input: a named pipe on Windows, else a socket. */
export function inputEndpoint(stdinPath: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32') return stdinPath;
  return `\\\\.\\pipe\\bgjobs-${createHash('sha256').update(dirname(stdinPath)).digest('hex').slice(0, 32)}`;
}
