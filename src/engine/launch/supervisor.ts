import { constants, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants as system } from 'node:os';
import { basename, join } from 'node:path';
import type { StdinOption } from '../../api/options.ts';
import { markingLine } from '../../processes/runMark.ts';

/** How a run's command ended, as far as it is known: one of the two is null, or both when nobody could see it. */
export interface ExitStatus {
  exitCode: number | null;
  /** For example `SIGTERM`. */
  signal: string | null;
  /** Milliseconds since the epoch. */
  at: number;
}

/** The first lines of every supervisor, see {@link plain}. */
const beginning = `trap : HUP INT QUIT TERM USR1 USR2
echo began >&2
while [ ! -e "$1" ]; do [ -e "$1.taken" ] || [ -e "$1" ] || exit 1; sleep 1; done
shift`;

/**
 * What stands between the host and the user's command, so that the exit status outlives the host: a few lines of POSIX
 * sh, the parent of the command, leader of the run's session and process group. About 1 ms and 0.5 MB.
 *
 * Its standard error is the exit record: there the shell itself announces a child that died of a signal ("Killed"), and
 * so `exit 137` and SIGKILL can be told apart. The command gets descriptor 3 as its standard error.
 * `trap :` and not `trap ''`: the supervisor survives what is sent to its group, the command gets the defaults back.
 * `(exec …)`: a program of that name, never a builtin of the shell, with its arguments as they are.
 * The first argument is the path of the exit record. It says there that it begins, and goes on while the record is in its
 * place: {@link preventStart} takes it away first and then reads it, so one of the two sees the other.
 */
const plain = `${beginning}
(exec "$@" 2>&3 3>&-)
c=$?
echo "code $c" >&2
exit $c`;

/**
 * With live input the standard input is a named pipe, the second argument. A holder keeps it open for writing whoever
 * else comes and goes; ending the holder, by SIGPIPE, is the end of the input. It ignores the polite signals, and waits
 * at a pipe of its own to which nobody writes.
 * Each end waits for the other to be opened, so when the command runs, the holder can be told from it by its mark. The
 * holder does not open it for reading: writers are told when the command reads no more.
 */
const withPipe = `${beginning}
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

/** @param directory of the run, whose name is the run's id */
export function supervisorArguments(
  argv: readonly string[],
  directory: string,
  stdin: StdinOption['type'],
  fifo: string,
): string[] {
  const record = exitRecordPath(directory);
  const marked = (script: string): string =>
    process.platform === 'linux' ? `${markingLine(basename(directory))}\n${script}` : script;
  return stdin === 'pipe'
    ? ['-c', marked(withPipe), 'bgjobs', record, fifo, ...argv]
    : ['-c', marked(plain), 'bgjobs', record, ...argv];
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

/** What a supervisor writes before it starts the command. */
export const began = 'began';

/**
 * Prevents a run that was recorded from beginning, if it has not yet: its supervisor may never have been started, or has
 * not come so far. May be interrupted and called again.
 * @returns false if it has begun, or may have
 */
export function preventStart(directory: string): boolean {
  const path = exitRecordPath(directory);
  const taken = `${path}.taken`;
  if (existsSync(path)) renameSync(path, taken);
  if (isWritten(taken)) {
    renameSync(taken, path);
    return false;
  }
  rmSync(taken, { force: true });
  return true;
}

/** Whether the command of a run has begun, or may have. */
export function hasBegun(directory: string): boolean {
  return isWritten(exitRecordPath(directory));
}

function isWritten(record: string): boolean {
  return existsSync(record) && readNow(record).trim() !== '';
}

/** What is there, as far as it can be read at once: to open a named pipe in its place would wait for a writer. */
function readNow(path: string): string {
  const flag = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);
  return readFileSync(path, { encoding: 'utf8', flag });
}

/** @returns undefined when there is no complete record (yet) */
export function readExitRecord(directory: string): ExitStatus | undefined {
  const path = exitRecordPath(directory);
  try {
    const status = parseExitRecord(readNow(path));
    return status && { ...status, at: Math.round(statSync(path).mtimeMs) };
  } catch {
    return undefined;
  }
}

/** The codes of shells end here; those of Windows have 32 bits. */
const highest = { code: 255, exit: 0xffffffff };

/**
 * A record is what the supervisor wrote: `began`, then `code N`, before it the words with which the shell announces a death
 * by signal ("Killed"); or `signal SIGNAME` and `exit N`, from a supervisor that can tell them apart.
 * @returns undefined for anything else: a code or signal that no supervisor writes is none
 */
export function parseExitRecord(text: string): Omit<ExitStatus, 'at'> | undefined {
  const found = /^(?:signal (SIG[A-Z0-9]+)|exit (\d+)|code (\d+))$/m.exec(text);
  if (!found) return undefined;
  const [, named, exact, shell] = found;
  if (named !== undefined) return named in system.signals ? { exitCode: null, signal: named } : undefined;
  const exitCode = Number(exact ?? shell);
  if (exitCode > (shell === undefined ? highest.exit : highest.code)) return undefined;
  const signal = Object.entries(system.signals).find(([, value]) => value === exitCode - 128)?.[0];
  const isAnnounced = text.slice(0, found.index).replace(began, '').trim() !== '';
  if (shell !== undefined && signal && (isAnnounced || unannounced.includes(signal))) return { exitCode: null, signal };
  return { exitCode, signal: null };
}
