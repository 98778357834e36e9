import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import type { StartOptions } from '../../api/options.ts';
import { replaceFile } from '../../disk/replaceFile.ts';
import { windowsApi } from '../../processes/windowsApi.ts';
import { heedCtrlC } from '../../processes/windowsConsole.ts';
import { joinJob } from '../../processes/windowsJob.ts';
import { inputEndpoint } from './inputEndpoint.ts';
import { began, exitRecordPath } from './supervisor.ts';

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

/** How often a supervisor looks for its record while a host decides about it (milliseconds). */
const takenPollMs = 1000;

/** What is sent to its group is for the command. */
export const survived = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGBREAK'] as const;

/** Runs the command, writes how it ended by rename, and ends with its code. `args` as {@link nodeSupervisorCommand} has them. */
export function supervise(given: readonly string[], stdinPath: string): void {
  const [directory = '', stdin, nice = '', program = '', ...args] = given;
  for (const signal of survived) process.on(signal, () => undefined);
  if (nice !== '') setPriority(Number(nice));
  begin(exitRecordPath(directory));
  if (process.platform === 'win32') prepareForWindows(basename(directory));
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
    replaceFile(`${path}.new`, path);
    server?.close();
    process.exit(code);
  };
  child.on('error', () => end('exit 127', 127));
  child.on('exit', (code, signal) => {
    if (signal) end(`signal ${signal}`, 1);
    else end(`exit ${code ?? 0}`, code ?? 0);
  });
}

/** Before the command is started, so that nothing of it is outside. Without it the run is its descendants alone. */
function prepareForWindows(runId: string): void {
  const api = windowsApi();
  if (!api) return;
  joinJob(runId, api);
  heedCtrlC(api);
}

/** As the shell does it: returns if the command may be started. */
export function begin(path: string): void {
  const taken = `${path}.taken`;
  try {
    const record = openSync(path, 'r+');
    writeSync(record, `${began}\n`);
    closeSync(record);
  } catch {
    process.exit(1);
  }
  while (!existsSync(path)) {
    if (!existsSync(taken) && !existsSync(path)) process.exit(1);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, takenPollMs);
  }
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
