import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/** An exclusive lock of the operating system. It ends with {@link Lock.release} or with the process, however it ends. */
export interface Lock {
  release(): void;
}

const sqliteBusy = 5;

/**
 * SQLite's exclusive transaction is a lock by fcntl or LockFileEx, the only kind that needs no native code.
 * Children do not inherit it. The file stays empty.
 * @returns undefined when it is held already, also by this process
 */
export function tryLock(path: string): Lock | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    chmodSync(path, 0o600);
    // With a journal on disk, its file would lie beside the lock all the time.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined;
    throw new Error(`${path} could not be locked: ${(error as Error).message}`, { cause: error });
  }
  const held = database;
  return { release: () => held.close() };
}

/**
 * Waits for the lock of a host that is stopping.
 * @param giveUp called between attempts: true when the holder will not stop
 * @returns undefined when giveUp returned true or `timeoutMs` passed
 */
export async function waitForLock(
  path: string,
  timeoutMs: number,
  giveUp: () => Promise<boolean>,
): Promise<Lock | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const lock = tryLock(path);
    if (lock) return lock;
    if (performance.now() >= deadline || (await giveUp())) return undefined;
    // No system call waits for a file lock without blocking the thread.
    await delay(20);
  }
}
