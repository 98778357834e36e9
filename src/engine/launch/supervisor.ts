import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, statSync, watch, writeFileSync, type FSWatcher } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { constants, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import type { StdinOption } from '../../api/options.ts';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/runTree.ts';
import type { StartOptions } from '../../api/options.ts';

/** How a run's command ended, as far as it is known: one of the two is null, or both when nobody could see it. */
export interface ExitStatus {
  exitCode: number | null;
  /** For example `SIGTERM`. */
  signal: string | null;
  /** Milliseconds since the epoch. */
  at: number;
}

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
  const found = /^(?:signal (SIG[A-Z0-9]+)|exit (\d+)|code (\d+))$/m.exec(text);
  if (!found) return undefined;
  const [, named, exact, shell] = found;
  if (named !== undefined) return { exitCode: null, signal: named };
  const exitCode = Number(exact ?? shell);
  const signal = Object.entries(constants.signals).find(([, value]) => value === exitCode - 128)?.[0];
  const isAnnounced = text.slice(0, found.index).trim() !== '';
  if (shell !== undefined && signal && (isAnnounced || unannounced.includes(signal))) return { exitCode: null, signal };
  return { exitCode, signal: null };
}

/** How often a supervisor is looked for that may have been killed, in which case no file tells. */
const checkMs = 2000;

/** Waits for the end of a run whose supervisor is not our child: its record appears, or the supervisor is gone. */
export function watchAdopted(table: ProcessTable, supervisor: ProcessIdentity, directory: string) {
  const { promise, resolve } = Promise.withResolvers<ExitStatus | null>();
  const look = (): void => {
    // First alive, then the record: what is written between the two looks is seen.
    const alive = table.isAlive(supervisor);
    const record = readExitRecord(directory);
    if (alive && !record) return;
    dispose();
    resolve(record ?? null);
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

/** How to start this project's host script with the Node that runs it: the supervisor is one of its commands. */
export interface NodeSupervisor {
  execPath: string;
  args: readonly string[];
}

export const superviseCommand = 'supervise';

/** The supervisor where there is no POSIX shell, with the same contract: the record, the signals, the live input. */
export function nodeSupervisorCommand(
  { execPath, args }: NodeSupervisor,
  directory: string,
  argv: readonly string[],
  { stdin, limits }: Pick<StartOptions, 'stdin' | 'limits'>,
): { program: string; args: string[] } {
  // Its standard error is the job's: Node's own warnings must not get there.
  const own = ['--no-warnings', ...args, superviseCommand, directory];
  const how = [stdin.type === 'pipe' ? 'pipe' : 'inherit', String(limits.nice ?? '')];
  return { program: execPath, args: [...own, ...how, ...argv] };
}

/** Where the supervisor listens for live input: a named pipe on Windows, else a socket. */
export function inputEndpoint(stdinPath: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32') return stdinPath;
  return `\\\\.\\pipe\\bgjobs-${createHash('sha256').update(dirname(stdinPath)).digest('hex').slice(0, 32)}`;
}

/** What is sent to its group is for the command. */
const survived = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGBREAK'] as const;

/** Runs the command, writes how it ended by rename, and ends with its code. `args` as {@link nodeSupervisorCommand} has them. */
export function supervise(given: readonly string[], stdinPath: string): void {
  const [directory = '', stdin, nice = '', program = '', ...args] = given;
  for (const signal of survived) process.on(signal, () => undefined);
  if (nice !== '') setPriority(Number(nice));
  const { ELECTRON_RUN_AS_NODE, ...env } = process.env;
  const live = stdin === 'pipe';
  // Before the command is started: whoever sees it may write to it.
  const server = live ? serveInput(inputEndpoint(stdinPath), () => child.stdin) : undefined;
  const child = spawn(program, args, {
    env,
    stdio: [live ? 'pipe' : 'inherit', 'inherit', 'inherit'],
    windowsHide: true,
    windowsVerbatimArguments: /cmd(\.exe)?$/i.test(program),
  });
  child.stdin?.on('error', () => undefined);
  // Windows hands on classes below the normal one, and no others.
  if (nice !== '' && process.platform === 'win32' && child.pid !== undefined) setPriority(child.pid, Number(nice));
  const end = (record: string, code: number): void => {
    const path = exitRecordPath(directory);
    writeFileSync(`${path}.new`, `${record}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    server?.close();
    process.exit(code);
  };
  child.on('error', () => end('exit 127', 127));
  child.on('exit', (code, signal) => {
    if (signal) end(`signal ${signal}`, 1);
    else end(`exit ${code ?? 0}`, code ?? 0);
  });
}

/** One JSON value a line: `{"text": …}` is written, `{"eof": true}` closes. A client that goes away closes nothing. */
function serveInput(endpoint: string, stdin: () => Writable | null): Server {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    createInterface({ input: socket }).on('line', (line) => {
      const { text, eof } = JSON.parse(line) as { text?: string; eof?: true };
      if (text !== undefined) stdin()?.write(text);
      if (eof) stdin()?.end();
    });
  });
  // Without it the job has no live input; it runs all the same.
  server.on('error', () => undefined);
  server.listen(endpoint);
  return server;
}
