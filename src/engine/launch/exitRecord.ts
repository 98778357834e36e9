import { readFileSync, statSync, writeFileSync, watch, type FSWatcher } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { ExitStatus } from './runner.ts';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';

/**
 * Signals whose death the shell does not announce. For them, and for them alone, `exit 128+n` and death by signal n look
 * the same; a death it is then called.
 */
const unannounced: readonly string[] = ['SIGINT', 'SIGPIPE'];

export function exitRecordPath(directory: string): string {
  return join(directory, 'exit');
}

/** Makes the record with its block allocated, so that it can be written when the disk is full. */
export function prepareExitRecord(directory: string): void {
  writeFileSync(exitRecordPath(directory), '\n'.repeat(64), { mode: 0o600 });
}

/** @returns undefined when there is no complete record (yet) */
export function readExitRecord(directory: string): ExitStatus | undefined {
  const path = exitRecordPath(directory);
  try {
    const status = parseExitRecord(readFileSync(path, 'utf8'));
    return status && { ...status, at: Math.round(statSync(path).mtimeMs) };
  } catch {
    return undefined;
  }
}

/**
 * A record is what the supervisor wrote: `code N`, before it the words with which the shell announces a death by signal
 * ("Killed"); or `signal SIGNAME` and `exit N`, from a supervisor that can tell them apart.
 */
export function parseExitRecord(text: string): Omit<ExitStatus, 'at'> | undefined {
  const named = /^signal (SIG[A-Z0-9]+)$/m.exec(text);
  if (named?.[1]) return { exitCode: null, signal: named[1] };
  const exact = /^exit (\d+)$/m.exec(text);
  if (exact?.[1]) return { exitCode: Number(exact[1]), signal: null };
  const found = /^code (\d+)$/m.exec(text);
  if (!found?.[1]) return undefined;
  const code = Number(found[1]);
  const signal = signalName(code - 128);
  const announced = text.slice(0, found.index).trim() !== '';
  if (signal && (announced || unannounced.includes(signal))) return { exitCode: null, signal };
  return { exitCode: code, signal: null };
}

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}

/** How often a supervisor is looked for that may have been killed, in which case no file tells. */
const checkMs = 2000;

/** Waits for the end of a run whose supervisor is not our child: its record appears, or the supervisor is gone. */
export function watchAdopted(
  table: ProcessTable,
  supervisor: ProcessIdentity,
  directory: string,
): { exited: Promise<ExitStatus | null>; dispose: () => void } {
  const { promise, resolve } = Promise.withResolvers<ExitStatus | null>();
  const look = (): void => {
    // First alive, then the record: what is written between the two looks is seen.
    const alive = table.isAlive(supervisor);
    const record = readExitRecord(directory);
    if (record) finish(record);
    else if (!alive) finish(null);
  };
  const finish = (status: ExitStatus | null): void => {
    dispose();
    resolve(status);
  };
  const dispose = (): void => {
    watcher?.close();
    clearInterval(timer);
  };
  const watcher = watchFile(exitRecordPath(directory), look);
  const timer = setInterval(look, checkMs);
  look();
  return { exited: promise, dispose };
}

/**
 * The record alone, not its folder: there a job that writes a lot would wake us up with every line.
 * @returns undefined when it was removed, or there are no watches left: the timer has to do
 */
function watchFile(path: string, listener: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, listener);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
