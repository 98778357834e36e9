// A real agent with a home folder, a store and a scripted model of its own, all of which end with the session.
import { execa } from 'execa';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { pinnedNode, top } from '../editor/places.ts';
import { commandLine, endProcessesWithEnvironment, processesWithEnvironment, signal } from '../editor/processes.ts';
import { removeFolder, temporaryFolder } from '../editor/temporary.ts';
import { clients, connect, type Client, type ClientName, type Place } from './clients.ts';
import { binFolder } from './install.ts';
import { prompt, startModel, type Model, type Scripts } from './model.ts';
import type { ToolCall, ToolResult } from './projections.ts';

/** All processes of a session inherit this variable, except those whose parent hands on no environment. */
const mark = 'BGJOBS_AGENT_SESSION';
const tee = join(import.meta.dirname, 'tee.mjs');

/** How the run of an agent ended. */
export interface AgentEnd {
  code: number | null;
  signal: string | null;
  timedOut: boolean;
  output: string;
  ms: number;
}

/** A message between client and server, as `tee.mjs` records it. */
export interface Recorded {
  time: number;
  from: 'client' | 'server';
  message: { id?: string | number; method?: string; params?: Record<string, unknown>; result?: ToolResult };
}

/** A call of a tool, its answer, and the time between them in milliseconds. */
export interface RecordedCall extends ToolCall {
  result: ToolResult;
  ms: number;
}

export interface SessionOptions {
  /** Whether the tools may run without a question. */
  approve: boolean;
  scripts: Scripts;
  /** The command line to connect to. Default: the one in dist/. */
  cli?: string;
}

export class Session implements AsyncDisposable {
  readonly name: ClientName;
  readonly client: Client;
  readonly model: Model;
  readonly place: Place;
  readonly #folder: string;
  readonly #options: SessionOptions;
  readonly #cli: string;
  #runs = 0;

  private constructor(name: ClientName, model: Model, options: SessionOptions) {
    this.name = name;
    this.client = clients[name];
    this.model = model;
    this.#options = options;
    this.#cli = options.cli ?? join(top, 'dist', 'cli.js');
    this.#folder = temporaryFolder('bga');
    const inside = (part: string) => join(this.#folder, part);
    for (const part of ['home', 'work', 'store', 'tmp']) mkdirSync(inside(part));
    this.place = {
      home: inside('home'),
      workspace: inside('work'),
      modelUrl: model.url,
      server: {
        command: pinnedNode,
        args: [tee, inside('record'), pinnedNode, this.#cli],
        env: { BGJOBS_HOME: inside('store') },
      },
    };
  }

  /** The agent must have been installed. */
  static async open(name: ClientName, options: SessionOptions): Promise<Session> {
    const session = new Session(name, await startModel(options.scripts), options);
    const { client, place } = session;
    for (const [path, content] of Object.entries(client.files(place))) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    }
    connect(name, place, options.approve);
    if (client.prepare) await session.#start(client.prepare(place), 120_000);
    return session;
  }

  /** Runs the agent with a prompt until it ends. What it leaves behind in its process group is ended. */
  run(script: string, limitMs: number, end?: AbortSignal): Promise<AgentEnd> {
    return this.#start(this.client.run(prompt(script), this.#ownOptions()), limitMs, end);
  }

  /** Starts the agent as a job: `bgjobs agent` where there is an adapter, else as a command. @returns its id */
  async startJob(script: string, hasAdapter: boolean): Promise<string> {
    const { client } = this;
    const command = hasAdapter
      ? ['agent', this.name, '--json', '--', prompt(script), ...this.#ownOptions()]
      : ['run', '--json', '--', client.program, ...client.run(prompt(script), this.#ownOptions())];
    const { id } = (await this.bgjobs(command)) as { id: string };
    return id;
  }

  /** Runs `bgjobs` on the store of the session. @returns the document that it prints */
  async bgjobs(args: string[]): Promise<unknown> {
    const { stdout } = await execa(pinnedNode, [this.#cli, ...args], {
      cwd: this.place.workspace,
      env: this.#environment(),
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
      timeout: 60_000,
    });
    return stdout === '' ? null : (JSON.parse(stdout) as unknown);
  }

  /** What client and server have said so far. */
  recorded(): Recorded[] {
    const path = join(this.#folder, 'record');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Recorded);
  }

  calls(): RecordedCall[] {
    const messages = this.recorded();
    return messages.flatMap(({ time, from, message }, index) => {
      if (from !== 'client' || message.method !== 'tools/call') return [];
      const answer = messages.slice(index).find((one) => one.from === 'server' && one.message.id === message.id);
      if (!answer?.message.result) return [];
      const { name, arguments: args = {} } = message.params as unknown as ToolCall & {
        arguments?: ToolCall['arguments'];
      };
      return [{ name, arguments: args, result: answer.message.result, ms: answer.time - time }];
    });
  }

  /** The command lines of the agent's processes, and of what they started. The job host is none of them. */
  processes(): string[] {
    return processesWithEnvironment(mark, this.#folder)
      .map(commandLine)
      .filter((line) => line !== '' && !line.includes('host.js'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bgjobs(['kill', '--all', '--signal', 'KILL', '--json']).catch(() => undefined);
    await this.bgjobs(['host', 'stop', '--json']).catch(() => undefined);
    await endProcessesWithEnvironment(mark, this.#folder);
    await this.model[Symbol.asyncDispose]();
    removeFolder(this.#folder);
  }

  #ownOptions(): string[] {
    return this.client.options(this.place, this.#options.approve);
  }

  #environment(): Record<string, string> {
    return {
      PATH: `${binFolder(this.name)}${delimiter}${dirname(pinnedNode)}${delimiter}${process.env['PATH'] ?? ''}`,
      SHELL: '/bin/sh',
      LANG: 'C.UTF-8',
      TERM: 'dumb',
      HOME: this.place.home,
      TMPDIR: join(this.#folder, 'tmp'),
      BGJOBS_HOME: join(this.#folder, 'store'),
      [mark]: this.#folder,
      ...this.client.env(this.place),
    };
  }

  async #start(args: string[], limitMs: number, end?: AbortSignal): Promise<AgentEnd> {
    const started = performance.now();
    // A file, because a daemon of the agent may keep a pipe open.
    const output = join(this.#folder, `output-${++this.#runs}`);
    const file = openSync(output, 'w');
    const child = spawn(join(binFolder(this.name), this.client.program), args, {
      cwd: this.place.workspace,
      env: this.#environment(),
      stdio: ['ignore', file, file],
      detached: true,
    });
    const group = child.pid === undefined ? undefined : -child.pid;
    let timedOut = false;
    const endGroup = () => {
      if (group !== undefined) signal(group, 'SIGKILL');
    };
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup();
    }, limitMs);
    end?.addEventListener('abort', endGroup);
    const [code, signalName] = (await once(child, 'exit')) as [number | null, string | null];
    clearTimeout(timer);
    end?.removeEventListener('abort', endGroup);
    endGroup();
    const ms = Math.round(performance.now() - started);
    closeSync(file);
    return { code, signal: signalName, timedOut, output: readFileSync(output, 'utf8'), ms };
  }
}

/** The first line that says something, in at most 160 characters. */
export function firstLine(text: string): string {
  const isWrapping = (line: string) => /^\s*$|^Wall time: |^Output:$|^<untrusted_context>$/.test(line);
  const line = text.split('\n').find((one) => !isWrapping(one)) ?? '';
  return line.length > 160 ? `${line.slice(0, 160)} …` : line;
}
