import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projections, type ToolResult } from '../../scripts/agents/projections.ts';
import { bundledCli } from './bundle.ts';

const recordings = join(import.meta.dirname, '..', 'fixtures', 'mcpClients');

export const clientNames = Object.keys(projections) as (keyof typeof projections)[];

interface Message {
  id?: string | number;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: { message: string };
}

/** A client that nobody installed: it sends what a real one has sent (see scripts/agents/recording.ts). */
export class RecordedClient implements AsyncDisposable {
  /** The length of the answer to `tools/list`. */
  toolsLength = 0;
  readonly #name: (typeof clientNames)[number];
  readonly #server: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<string | number, (message: Message) => void>();
  /** A call as this client makes it. */
  #template: Message = {};
  #calls = 0;

  private constructor(name: (typeof clientNames)[number], server: ChildProcessWithoutNullStreams) {
    this.#name = name;
    this.#server = server;
    createInterface({ input: server.stdout }).on('line', (line) => {
      const message = JSON.parse(line) as Message;
      if (message.method === undefined && message.id !== undefined) this.#waiting.get(message.id)?.(message);
    });
  }

  /** Starts `bgjobs mcp` and sends everything before the first call of a tool. */
  static async connect(name: (typeof clientNames)[number], home: { path: string }): Promise<RecordedClient> {
    const { sent } = JSON.parse(readFileSync(join(recordings, `${name}.json`), 'utf8')) as { sent: Message[] };
    const server = spawn(process.execPath, [await bundledCli(), 'mcp'], {
      cwd: home.path,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], SHELL: '/bin/sh', BGJOBS_HOME: home.path },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    server.stderr.resume();
    const client = new RecordedClient(name, server);
    for (const message of sent) {
      if (message.method === 'tools/call') client.#template = message;
      else await client.#send(message);
    }
    return client;
  }

  /** @returns what the model gets */
  async call(name: string, input: Record<string, unknown>): Promise<string> {
    const params = { ...this.#template.params, name, arguments: input };
    const { result, error } = await this.#send({ ...this.#template, id: `call-${++this.#calls}`, params });
    if (error) throw new Error(`${name}: ${error.message}`);
    return projections[this.#name].of(result as ToolResult, { name, arguments: input });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#server, 'exit');
    this.#server.stdin.end();
    await ended;
  }

  async #send(message: Message): Promise<Message> {
    const { id, method } = message;
    // A subscription is answered when it ends.
    const isAnswered = id !== undefined && method !== 'subscriptions/listen';
    const answer = isAnswered ? new Promise<Message>((resolve) => this.#waiting.set(id, resolve)) : undefined;
    this.#server.stdin.write(`${JSON.stringify(message)}\n`);
    const received = (await answer) ?? {};
    if (method === 'tools/list') this.toolsLength = JSON.stringify(received.result).length;
    return received;
  }
}
