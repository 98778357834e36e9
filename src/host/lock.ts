import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/** An exclusive lock of the operating system. It ends with {@link Lock.release} or with the process, however it ends. */
export interface Lock {
  release(): void;
}

const sqliteBusy = 5;

/**
 * SQLite's exclusive transaction is a lock by fcntl or LockFileEx, the only ones within reach without native code.
 * Children do not inherit it. The file stays empty.
 * @returns undefined when somebody else, also in this process, holds it
 */
export function tryLock(path: string): Lock | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    // The journal in memory: or its file would lie beside the lock all the time.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined;
    throw new Error(`${path} cannot be locked: ${(error as Error).message}`, { cause: error });
  }
  const held = database;
  return { release: () => held.close() };
}

/**
 * Waits for the lock of a host that is leaving.
 * @param giveUp asked between tries: true when the holder is there to stay
 * @returns undefined when giveUp said so or `timeoutMs` went by
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
