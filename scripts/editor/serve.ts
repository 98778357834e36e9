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
  /** Default: a free port. */
  port?: number;
  /** Whether folders must be trusted before their code runs. Default: all folders are trusted. */
  workspaceTrust?: boolean;
  /**
   * Whether URLs can carry a payload. VS Code then behaves as if a robot used it; for example, notifications only go to
   * the bell. Default: no.
   */
  testDriver?: boolean;
  /** Variables that are added to the environment of the server, and so of the extension host. */
  env?: Record<string, string>;
}

export interface RunningServer {
  readonly port: number;
  /**
   * The URL of the workbench for a folder or a .code-workspace file. The payload is VS Code's list of names and values.
   */
  url(path: string, payload?: readonly (readonly [string, string])[]): string;
  /** The URI of a file in a payload. */
  remote(path: string): string;
  /** The last lines of the server's output. */
  output(): string;
  /** The pids of the extension hosts: one per window, and for some minutes also those of closed windows. */
  extensionHosts(): number[];
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends the server and all processes of its group. Resolves when none is left. */
  stop(): Promise<void>;
}

/** Starts the VS Code server on the loopback interface and waits until it answers. Installs it first if necessary. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const home = await installServer();
  const port = options.port ?? (await freePort());
  await prepareProfile(options, home);
  const child = spawn(pinnedNode, serverArguments(options, port), {
    cwd: home,
    env: editorEnvironment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // its own process group, so that all of its processes can be found and ended
  });
  const output = collect(child);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()));
  const killNow = () => child.pid && signal(-child.pid, 'SIGKILL');
  process.once('exit', killNow); // the last resort, if this process ends first
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
      // Slashes need no escaping in a query, and the URL is easier to read in a terminal.
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
 * The server exits at once when asked to. Its extension hosts notice, deactivate the extensions and exit too. The other
 * helper processes would take seconds to notice, so they are asked as well. Processes that remain after 5 s are killed.
 */
async function endGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const patience = Date.now() + 5000;
  const limit = patience + 10_000;
  signal(pid, 'SIGTERM');
  for (let left = processesOfGroup(pid); left.length > 0; left = processesOfGroup(pid)) {
    if (Date.now() > limit) throw new Error(`Processes of the VS Code server did not exit: ${left.join(', ')}`);
    if (Date.now() > patience) signal(-pid, 'SIGKILL');
    else if (!left.includes(pid)) left.filter((one) => !isExtensionHost(one)).forEach((one) => signal(one, 'SIGTERM'));
    await delay(20);
  }
}

function isExtensionHost(pid: number): boolean {
  return commandLine(pid).includes('--type=extensionHost');
}
