import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { editorEnvironment } from './environment.ts';
import { freePort } from './freePort.ts';
import { pinnedNode } from './places.ts';
import { commandLine, processesOfGroup, signal } from './processes.ts';
import { prepareProfile, type Profile } from './profile.ts';
import { installServer } from './server.ts';

export interface ServeOptions extends Profile {
  /** Default: a free one. */
  port?: number;
  /** Whether folders must be trusted before anything of theirs is run. Default: they are trusted without a question. */
  workspaceTrust?: boolean;
  /**
   * Whether an address may carry a payload. With it VS Code takes itself for a robot's: notifications only go to the
   * bell, for one. Default: no.
   */
  testDriver?: boolean;
  /** Added to the environment of the server, and so of the extension host. */
  env?: Record<string, string>;
}

export interface RunningServer {
  readonly port: number;
  /** The address of the workbench on a folder or a .code-workspace file; the payload is VS Code's own list of name and value. */
  url(path: string, payload?: readonly (readonly [string, string])[]): string;
  /** The form in which a payload names a file. */
  remote(path: string): string;
  /** The last lines that the server wrote. */
  output(): string;
  /** The pids of the extension hosts: one for each window, and for some minutes that of a window that is gone. */
  extensionHosts(): number[];
  /** Resolves when the server has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends the server and all processes of its group, and resolves when none is left. */
  stop(): Promise<void>;
}

/** Starts the VS Code server on the loopback interface, installed first if need be, and waits until it answers. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const home = await installServer();
  const port = options.port ?? (await freePort());
  await prepareProfile(options, home);
  const child = spawn(pinnedNode, serverArguments(options, port), {
    cwd: home,
    env: editorEnvironment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, so that all of it can be found and ended
  });
  const output = collect(child);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()));
  const killNow = () => child.pid && signal(-child.pid, 'SIGKILL');
  process.once('exit', killNow); // the last resort, should we end before it
  const stop = async () => {
    await endGroup(child);
    process.off('exit', killNow);
  };
  try {
    await answers(port, child, output);
  } catch (error) {
    await stop();
    throw error;
  }
  const remote = (path: string) => `vscode-remote://127.0.0.1:${port}${path}`;
  return {
    port,
    remote,
    output,
    ended,
    stop,
    extensionHosts: () => processesOfGroup(child.pid ?? 0).filter(isExtensionHost),
    url(path, payload) {
      const query = new URLSearchParams({ [path.endsWith('.code-workspace') ? 'workspace' : 'folder']: path });
      if (payload) query.set('payload', JSON.stringify(payload));
      // Readable in a terminal: nothing in a query needs its slashes escaped.
      return `http://127.0.0.1:${port}/?${query.toString().replaceAll('%2F', '/')}`;
    },
  };
}

function serverArguments(options: ServeOptions, port: number): string[] {
  return [
    join('out', 'server-main.js'),
    ...['--host', '127.0.0.1', '--port', String(port)],
    ...['--server-data-dir', options.dataDir],
    '--without-connection-token',
    '--accept-server-license-terms',
    '--disable-telemetry',
    ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
    ...(options.workspaceTrust ? [] : ['--disable-workspace-trust']),
  ];
}

function collect(child: ChildProcess): () => string {
  const lines: string[] = [];
  const add = (data: Buffer) => {
    lines.push(data.toString());
    if (lines.length > 500) lines.splice(0, 250);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => lines.join('');
}

async function answers(port: number, child: ChildProcess, output: () => string): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  child.once('exit', (code, name) => (failure = new Error(`The VS Code server ended (${code ?? name}).\n${output()}`)));
  for (const end = Date.now() + 60_000; Date.now() < end; await delay(50)) {
    if (failure) throw failure;
    const response = await fetch(`http://127.0.0.1:${port}/version`).catch(() => undefined);
    if (response?.ok) return;
  }
  throw new Error(`The VS Code server did not answer within 60 s.\n${output()}`);
}

/**
 * The server leaves at once when asked to. Its extension hosts notice, let the extensions deactivate, and leave too;
 * the other helpers would take seconds to notice, and are asked. Whatever has not gone after 5 s is killed.
 */
async function endGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const patience = Date.now() + 5000;
  const limit = patience + 10_000;
  signal(pid, 'SIGTERM');
  for (let left = processesOfGroup(pid); left.length > 0; left = processesOfGroup(pid)) {
    if (Date.now() > limit) throw new Error(`Processes of the VS Code server do not end: ${left.join(', ')}`);
    if (Date.now() > patience) signal(-pid, 'SIGKILL');
    else if (!left.includes(pid)) left.filter((one) => !isExtensionHost(one)).forEach((one) => signal(one, 'SIGTERM'));
    await delay(20);
  }
}

function isExtensionHost(pid: number): boolean {
  return commandLine(pid).includes('--type=extensionHost');
}
