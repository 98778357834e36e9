import { readFileSync, statSync, watch, writeFileSync, type FSWatcher } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { StdinOption } from '../../api/options.ts';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import type { ExitStatus } from './runner.ts';

/**
 * What stands between the host and the user's command, so that the exit status outlives the host: a few lines of POSIX
 * sh, the parent of the command, leader of the run's session and process group. About 1 ms and 0.5 MB.
 *
 * Its standard error is the exit record: there the shell itself announces a child that died of a signal ("Killed"), and
 * so `exit 137` and SIGKILL can be told apart. The command gets descriptor 3 as its standard error.
 * `trap :` and not `trap ''`: the supervisor survives what is sent to its group, the command gets the defaults back.
 * `(exec …)`: a program of that name, never a builtin of the shell, with its arguments as they are.
 */
const plain = `trap : HUP INT QUIT TERM USR1 USR2
(exec "$@" 2>&3 3>&-)
c=$?
echo "code $c" >&2
exit $c`;

/**
 * With live input the standard input is a named pipe, the first argument. A holder keeps it open for writing whoever
 * else comes and goes; ending the holder, by SIGPIPE, is the end of the input. It ignores the polite signals, and waits
 * at a pipe of its own to which nobody writes.
 * Each end waits for the other to be opened, so when the command runs, the holder can be told from it by its mark. The
 * holder does not open it for reading: writers are told when the command reads no more.
 */
const withPipe = `trap : HUP INT QUIT TERM USR1 USR2
p=$1
shift
BGJOBS_HOLDER=1 /bin/sh -c 'trap "" HUP INT QUIT TERM USR1 USR2; read x <>"$0.held" >"$0"' "$p" >/dev/null 2>&1 3>&- &
h=$!
(exec "$@" <"$p" 2>&3 3>&-)
c=$?
echo "code $c" >&2
kill -KILL $h 2>/dev/null
wait $h
exit $c`;

/**
 * dash where it is (macOS has it too): the smallest. But it drops variables whose names are no shell names ("a.b",
 * bash's exported functions), which bash hands on. As `sh` bash would announce no deaths; `-p`: it takes no functions
 * from the environment.
 * @returns the program and its options
 */
export function supervisorShell(exists: (path: string) => boolean, env: NodeJS.ProcessEnv): string[] {
  const isPlain = Object.keys(env).every((name) => /^[A-Za-z_]\w*$/.test(name));
  const bash = ['/bin/bash', '-p'];
  const known = isPlain ? [['/bin/dash'], bash] : [bash, ['/bin/dash']];
  return known.find(([path = '']) => exists(path)) ?? ['/bin/sh'];
}

export function supervisorArguments(argv: readonly string[], stdin: StdinOption['type'], fifo: string): string[] {
  return stdin === 'pipe' ? ['-c', withPipe, 'bgjobs', fifo, ...argv] : ['-c', plain, 'bgjobs', ...argv];
}

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
