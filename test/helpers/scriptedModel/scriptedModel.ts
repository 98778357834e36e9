import { build } from 'esbuild';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { top } from '../../../scripts/editor/places.ts';
import { until } from '../until.ts';
import { addressVariable, type ModelAnswer, type ModelRequest } from './exchange.ts';

/**
 * A language model in the editor whose answers the test provides, one by one. The requests of the agent, with the tools
 * that it offers and their results, are kept in out/scripted-model.jsonl.
 *
 * Pass `extensions` and `env`, which `start` fills, to the editor as options.
 */
export class ScriptedModel {
  readonly extensions: string[] = [];
  readonly env: Record<string, string> = {};
  readonly #server = createServer((request, response) => void this.#receive(request, response));
  readonly #log = join(top, 'out', 'scripted-model.jsonl');
  readonly #turns: Turn[] = [];
  #isAgentActive = false;

  async start(): Promise<void> {
    this.extensions.push(await buildExtension());
    writeFileSync(this.#log, '');
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.env[addressVariable] = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Waits until prompts reach the agent. A prompt that is sent too early is answered with an invitation to sign in. */
  async agentIsActive(): Promise<void> {
    await until('the agent is active', () => this.#isAgentActive || undefined);
  }

  /** Waits until the agent sends a request to the model. */
  async nextTurn(): Promise<Turn> {
    return until('a request to the model', () => this.#turns.shift(), 60_000);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'PUT') {
      this.#isAgentActive = true;
      response.end();
      return;
    }
    const body = (await json(request)) as ModelRequest;
    appendFileSync(this.#log, `${JSON.stringify({ time: new Date().toISOString(), ...body })}\n`);
    const answer = (given: ModelAnswer) => void response.end(JSON.stringify(given));
    // A request without tools does not come from the agent but from the chat itself, for a title and the like.
    if (body.tools.length === 0) answer({ text: 'Test' });
    else this.#turns.push(new Turn(body, answer));
  }
}

/** The model's turn: the agent has sent a request and waits for the answer. */
export class Turn {
  readonly request: ModelRequest;
  readonly answer: (answer: ModelAnswer) => void;

  constructor(request: ModelRequest, answer: (answer: ModelAnswer) => void) {
    this.request = request;
    this.answer = answer;
  }

  /** The last message. */
  get lastText(): string {
    const parts = this.request.messages.at(-1)?.parts ?? [];
    return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  }

  /** The answer of the tool to this call, as text. */
  resultOf(callId: string): string {
    const parts = this.request.messages.flatMap((message) => message.parts);
    const result = parts.find((part) => part.type === 'result' && part.id === callId);
    if (result?.type !== 'result') throw new Error('The agent has sent no result for the tool.');
    return result.text;
  }
}

/** A model for the tests of the enclosing describe block. Call this before `useEditor`. */
export function useScriptedModel(): ScriptedModel {
  const model = new ScriptedModel();
  before(() => model.start());
  after(() => model.stop());
  return model;
}

/** @returns the folder of an extension, as VS Code installs it */
async function buildExtension(): Promise<string> {
  const folder = join(top, 'out', 'test', 'scriptedModel');
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, 'extension.ts')],
    outdir: folder,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    external: ['vscode'],
  });
  copyFileSync(join(import.meta.dirname, 'package.json'), join(folder, 'package.json'));
  return folder;
}
