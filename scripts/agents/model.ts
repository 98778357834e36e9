// A model that follows a script. It listens on the loopback interface and speaks the protocols of `protocols.ts`.
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { protocols, type Conversation, type Protocol, type Turn } from './protocols.ts';

/** What the model does next: call a tool of `bgjobs mcp`, say something, answer with an error, or never answer. */
export type Step =
  | { tool: string; input: Record<string, unknown> | ((results: string[]) => Record<string, unknown>) }
  | { say: string }
  | { status: number }
  | 'hang';

/** The steps of each script, by its name. A prompt names its script with `prompt(name)`. */
export type Scripts = Record<string, readonly Step[]>;

/** What a client sent, as far as it tells what the model sees. */
interface Seen {
  script: string;
  /** The answers of tools since the prompt, without those of a search for tools. */
  results: string[];
  /** All prompts of the conversation, the oldest first. */
  prompts: string[];
  tools: Conversation['tools'];
  toolsLength: number;
  /** The tool of the next step, if the client did not offer it. */
  missing?: string;
}

export interface Model extends AsyncDisposable {
  url: string;
  /** Everything that was asked with a script, the oldest first. */
  seen: Seen[];
}

/** A prompt of several words, because Cline refuses a single one. */
export function prompt(script: string): string {
  return `Please follow the script matrix-${script} now.`;
}

const named = /matrix-([a-zA-Z0-9]+)/g;

/** @param dump a file to which each request is appended, to look into a client */
export async function startModel(scripts: Scripts, dump?: string): Promise<Model> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    const body = await text(request);
    if (dump !== undefined) appendFileSync(dump, `${JSON.stringify({ url, body: body && readJson(body) })}\n`);
    const protocol = request.method === 'POST' ? protocols.find(({ path }) => path.test(url)) : undefined;
    if (protocol) follow(protocol, url, body, response);
    else if (url.includes('models'))
      json(response, 200, { object: 'list', data: [{ id: 'scripted', object: 'model' }] });
    else if (url.includes('count')) json(response, 200, { input_tokens: 10, totalTokens: 10 });
    else json(response, 404, { error: { message: 'not found' } });
  }

  function follow(protocol: Protocol, url: string, body: string, response: ServerResponse): void {
    const request = readJson(body) as Record<string, unknown>;
    const conversation = protocol.read(request, url, {});
    const model = typeof request['model'] === 'string' ? request['model'] : 'scripted';
    const { step, ...what } = look(conversation, scripts);
    if (what.script !== '') seen.push(what);
    if (step === 'hang') return;
    if ('status' in step) {
      const type = { 401: 'authentication_error', 429: 'rate_limit_error' }[step.status] ?? 'api_error';
      const error = { type, code: step.status, message: `The scripted model answers ${step.status}.`, status: type };
      json(response, step.status, { type: 'error', error });
      return;
    }
    const turn = turnOf(step, conversation, what);
    if (!conversation.stream) {
      json(response, 200, protocol.whole(turn, model));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    for (const { event, data } of protocol.events(turn, model)) {
      if (event !== undefined) response.write(`event: ${event}\n`);
      response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
    }
    response.end();
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a conversation has come to, and the next step. The number of results since the last prompt is the step. */
function look({ items, tools, toolsLength }: Conversation, scripts: Scripts): Seen & { step: Step } {
  const scriptOf = (text: string) =>
    [...text.matchAll(named)].map(([, name = '']) => name).filter((name) => name in scripts);
  const prompts = items.filter(({ kind }) => kind === 'user').flatMap(({ text }) => scriptOf(text));
  const script = prompts.at(-1) ?? '';
  const last = items.findLastIndex(({ kind, text }) => kind === 'user' && scriptOf(text).length > 0);
  const results = items
    .slice(last + 1)
    .filter(({ kind, callId }) => kind === 'result' && !callId?.startsWith('search'))
    .map(({ text }) => text);
  // A request without tools asks for a title or a summary.
  const step = (tools.length === 0 ? undefined : scripts[script]?.[results.length]) ?? { say: 'Done.' };
  const status = scripts[script]?.[0];
  const failing = status !== undefined && status !== 'hang' && 'status' in status;
  return { script, results, prompts, tools, toolsLength, step: failing ? status : step };
}

let calls = 0;

/** Clients name a tool differently, and some show it only to a model that searches for it. */
function turnOf(step: Exclude<Step, 'hang' | { status: number }>, { tools, items }: Conversation, seen: Seen): Turn {
  if ('say' in step) return { text: step.say };
  const input = typeof step.input === 'function' ? step.input(seen.results) : step.input;
  const found = tools.find(
    ({ name }) => name === step.tool || name.endsWith(`_${step.tool}`) || name.endsWith(`-${step.tool}`),
  );
  const id = `call_${++calls}`;
  if (found) return { call: { id, name: found.name, namespace: found.namespace, input } };
  const has = (name: string) => tools.some((tool) => tool.name === name);
  const name = `mcp__background-jobs__${step.tool}`;
  const searched = items.at(-1)?.callId?.startsWith('search') === true;
  if (!searched && has('ToolSearch'))
    return { call: { id: `search_${calls}`, name: 'ToolSearch', input: { query: `select:${name}` } } };
  if (!searched && has('tool_search'))
    return { call: { id: `search_${calls}`, name: 'tool_search', input: { query: `select:${name}` } } };
  if (has('tool_call')) return { call: { id, name: 'tool_call', input: { name, arguments: input } } };
  if (has('run_typescript')) {
    const call = `tools.mcp_background_jobs.${step.tool}(${JSON.stringify(input)})`;
    return { call: { id, name: 'run_typescript', input: { code: `async function main() { return await ${call}; }` } } };
  }
  seen.missing = step.tool;
  return { text: `There is no tool ${step.tool}.` };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}
