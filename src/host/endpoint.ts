import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { posix } from 'node:path';
import { isPrivateFolder } from '../dataDir/privateFolder.ts';

/** The lowest limit of all systems: sun_path holds 104 bytes on macOS and 108 on Linux, including the final NUL. */
const maxSocketPath = 103;

export interface EndpointPlace {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** Of the user; undefined on Windows. */
  readonly uid: number | undefined;
  /** The folder for temporary files. */
  readonly temporary: string;
}

/**
 * Where the host may listen, best first. On POSIX a socket in the store itself: private, and no cleaner of temporary
 * files takes it away. When that path is too long, or the file system of the store knows no sockets, one in a
 * folder of the user's own among the temporary files.
 * The name of a pipe has a random part, so that no other user can take it first.
 */
export function endpointCandidates({ platform, home, uid, temporary }: EndpointPlace): string[] {
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 16);
  if (platform === 'win32') return [`\\\\.\\pipe\\bgjobs-${hash}-${randomBytes(8).toString('hex')}`];
  // A relative TMPDIR would be another folder for each client.
  const folders = [temporary, '/tmp']
    .filter((folder) => posix.isAbsolute(folder))
    .map((folder) => posix.join(folder, `bgjobs-${uid}`, `${hash}.sock`));
  const fitting = [posix.join(home, 'host.sock'), ...folders].filter(
    (path) => Buffer.byteLength(path) <= maxSocketPath,
  );
  return [...new Set(fitting)];
}

/**
 * Listens at the first candidate that works. The folder is private before the socket exists in it.
 * @param place its home must exist, and the caller must hold its lock: a socket that is there already is a dead host's
 * @returns the endpoint for host.json
 */
export async function listenPrivately(server: Server, place: EndpointPlace): Promise<string> {
  if (place.platform === 'win32') {
    const [pipe = ''] = endpointCandidates(place);
    await listen(server, pipe);
    return pipe;
  }
  const failures: string[] = [];
  for (const path of endpointCandidates({ ...place, home: realpathSync(place.home) })) {
    try {
      return await listenInFolder(server, posix.dirname(path), posix.basename(path), place.uid);
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  // Other users can take the names above, but not this one.
  const folder = mkdtempSync('/tmp/bgjobs-');
  try {
    return await listenInFolder(server, folder, 'host.sock', place.uid);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`Could not create a socket: ${[...failures, (error as Error).message].join('; ')}`);
  }
}

/** Whether it is a file; otherwise it is a pipe of Windows. */
export function isSocket(endpoint: string): boolean {
  return !endpoint.startsWith('\\\\.\\pipe\\');
}

/** On Windows a pipe disappears with its process. A folder among the temporary files is removed with its last socket. */
export function removeEndpoint(endpoint: string): void {
  if (!isSocket(endpoint)) return;
  rmSync(endpoint, { force: true });
  if (!posix.basename(posix.dirname(endpoint)).startsWith('bgjobs-')) return;
  try {
    rmdirSync(posix.dirname(endpoint));
  } catch {
    // Another host's socket is in it.
  }
}

/** Node removes what has the name of a socket when it closes it, even when that is the socket of another process by now. */
export function keepingEndpoint<Result>(endpoint: string, close: () => Result): Result {
  if (process.platform === 'win32' || !existsSync(endpoint)) return close();
  const aside = `${endpoint}.${process.pid}`;
  renameSync(endpoint, aside);
  try {
    return close();
  } finally {
    renameSync(aside, endpoint);
  }
}

async function listenInFolder(server: Server, folder: string, name: string, uid: number | undefined): Promise<string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!isPrivateFolder(folder, uid)) throw new Error(`${folder} is not a private folder of this user`);
  const path = posix.join(folder, name);
  rmSync(path, { force: true });
  await listen(server, path);
  chmodSync(path, 0o600);
  return path;
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
