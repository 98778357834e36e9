#!/bin/sh
# Qwen Code 0.24.4 shows its model 160 characters of an MCP tool's description, with an ellipsis at their end. The rest of
# it and the names of the parameters come only when the model searches for that tool, so it must choose among tools
# without what stands further behind.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @qwen-code/qwen-code@0.24.4

# An MCP server with one tool, whose description has 300 characters and says at every tenth where that is.
cat >server.mjs <<'JS'
import { createInterface } from 'node:readline';
const description = [...Array(30).keys()].map((i) => `[at ${String(i * 10).padStart(3, '0')}] +`).join('');
const tools = [{ name: 'measure', description, inputSchema: { type: 'object', properties: { depth: { type: 'number' } } } }];
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'stub', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools }),
  'tools/call': () => ({ content: [{ type: 'text', text: 'It is 7.' }] }),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const rest = answer ? { result: answer(params) } : { error: { code: -32601, message: 'Method not found' } };
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...rest }));
});
JS

# A model that searches for the tool and then says "Done.".
cat >try.mjs <<'JS'
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const bodies = [];
const model = createServer(async (request, response) => {
  const body = await text(request);
  if (request.method !== 'POST' || !/\/chat\/completions/.test(request.url)) return response.writeHead(404).end();
  const { messages, tools = [], stream } = JSON.parse(body);
  if (tools.length > 0) bodies.push(body);
  const wanted = tools.length > 0 && !messages.some(({ role }) => role === 'tool');
  const input = { query: 'select:mcp__stub__measure' };
  const call = { id: 'c', type: 'function', function: { name: 'tool_search', arguments: JSON.stringify(input) } };
  const said = wanted ? { content: null, tool_calls: [{ index: 0, ...call }] } : { content: 'Done.' };
  const finish_reason = wanted ? 'tool_calls' : 'stop';
  const base = { id: 'm', created: 1, model: 'stub' };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  if (!stream) {
    const choices = [{ index: 0, message: { role: 'assistant', ...said }, finish_reason }];
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ ...base, object: 'chat.completion', choices, usage }));
  }
  response.setHeader('content-type', 'text/event-stream');
  const write = (choices, rest) =>
    response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...rest })}\n\n`);
  write([{ index: 0, delta: { role: 'assistant', ...said }, finish_reason: null }]);
  write([{ index: 0, delta: {}, finish_reason }]);
  write([], { usage });
  response.end('data: [DONE]\n\n');
});
model.listen(0, '127.0.0.1');
await once(model, 'listening');

const inside = (name) => join(process.cwd(), name);
mkdirSync('home/.qwen', { recursive: true });
mkdirSync('project');
writeFileSync(
  'home/.qwen/settings.json',
  JSON.stringify({
    mcpServers: { stub: { command: process.execPath, args: [inside('server.mjs')] } },
    security: { auth: { selectedType: 'openai' } },
    general: { enableAutoUpdate: false },
    privacy: { usageStatisticsEnabled: false },
  }),
);
const env = {
  PATH: process.env.PATH,
  HOME: inside('home'),
  TMPDIR: inside('home'),
  OPENAI_BASE_URL: `http://127.0.0.1:${model.address().port}/v1`,
  OPENAI_API_KEY: 'not-a-key',
  OPENAI_MODEL: 'stub',
};
const program = inside('node_modules/.bin/qwen');
console.log(`Qwen Code ${execFileSync(program, ['--version'], { env, encoding: 'utf8' }).trim()}`);
const options = ['-p', 'How deep is it?'];
const agent = spawn(program, options, { cwd: 'project', env, stdio: ['ignore', 'ignore', 'ignore'], detached: true });
process.on('exit', () => {
  try {
    process.kill(-agent.pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
setTimeout(() => process.exit(2), 120_000).unref();
await once(agent, 'exit');

// What begins like the description, as long as it stands in a request: the longest one.
const shown = (body = '') => [...body.matchAll(/\[at 000\][^"\\<]*/g)].map(String).sort((a, b) => b.length - a.length)[0] ?? '';
const [before, after] = bodies.map(shown);
console.log(`At first the model sees ${before?.length} characters: ${before}`);
console.log(`After a search for the tool it sees ${after?.length} characters. The description has 300.`);
const knows = bodies.slice(0, 2).map((body) => body.includes('\\"depth\\"'));
console.log(`It knows the parameter "depth" at first: ${knows[0]}, after the search: ${knows[1]}.`);
console.log('What a description says behind its 157th character is not there when the model chooses a tool.');
const cut = before?.length === 160 && before.endsWith('...') && after?.length === 300;
process.exit(cut && `${knows}` === 'false,true' ? 0 : 1);
JS
node try.mjs
