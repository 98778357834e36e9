#!/bin/sh
# When the answer of an MCP tool has `structuredContent`, Claude Code 2.1.332 drops the texts in its `content`. The model
# gets the structured part as JSON instead, but an image in the same `content` stays. A hint in the text never arrives.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @anthropic-ai/claude-code@2.1.332

# An MCP server with two tools. Both answer with the same text and image, and one with structured content as well.
cat >server.mjs <<'JS'
import { createInterface } from 'node:readline';
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
const content = [
  { type: 'text', text: 'TEXT: 21 degrees. The sensor was last checked in spring.' },
  { type: 'image', data: png, mimeType: 'image/png' },
];
const tools = ['plain', 'structured'].map((name) => ({ name, description: name, inputSchema: { type: 'object' } }));
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'stub', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools }),
  'tools/call': ({ name }) => (name === 'plain' ? { content } : { content, structuredContent: { degrees: 21 } }),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const rest = answer ? { result: answer(params) } : { error: { code: -32601, message: 'Method not found' } };
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...rest }));
});
JS

# A model that calls both tools and then says "Done.", and Claude Code in between.
cat >try.mjs <<'JS'
import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const tools = ['mcp__stub__plain', 'mcp__stub__structured'];
const seen = {};
const model = createServer(async (request, response) => {
  const body = await text(request);
  if (request.method !== 'POST' || !/\/v1\/messages(\?|$)/.test(request.url)) return response.writeHead(404).end();
  const { messages, stream, tools: offered = [] } = JSON.parse(body);
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  const results = parts.filter(({ type }) => type === 'tool_result');
  for (const { tool_use_id, content } of results) seen[tool_use_id] = content;
  const next = offered.length === 0 ? undefined : ['search', ...tools].find((id) => !results.some((one) => one.tool_use_id === id));
  const call = next === 'search' ? { name: 'ToolSearch', input: { query: `select:${tools}` } } : { name: next, input: {} };
  const block = next ? { type: 'tool_use', id: next, ...call } : { type: 'text', text: 'Done.' };
  const stop = { stop_reason: next ? 'tool_use' : 'end_turn', stop_sequence: null };
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'stub', content: [], stop_reason: null, usage };
  if (!stream) {
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ ...message, content: [block], ...stop }));
  }
  response.setHeader('content-type', 'text/event-stream');
  for (const event of [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: next ? { ...block, input: {} } : { ...block, text: '' } },
    {
      type: 'content_block_delta',
      index: 0,
      delta: next
        ? { type: 'input_json_delta', partial_json: JSON.stringify(block.input) }
        : { type: 'text_delta', text: block.text },
    },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: stop, usage },
    { type: 'message_stop' },
  ])
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
});
model.listen(0, '127.0.0.1');
await once(model, 'listening');

mkdirSync('home');
mkdirSync('project');
const mcpServers = { stub: { command: process.execPath, args: [join(process.cwd(), 'server.mjs')] } };
writeFileSync('mcp.json', JSON.stringify({ mcpServers }));
const env = {
  PATH: process.env.PATH,
  HOME: join(process.cwd(), 'home'),
  TMPDIR: join(process.cwd(), 'home'),
  ANTHROPIC_BASE_URL: `http://127.0.0.1:${model.address().port}`,
  ANTHROPIC_API_KEY: 'not-a-key',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
};
const program = join(process.cwd(), 'node_modules/.bin/claude');
console.log(execFileSync(program, ['--version'], { env, encoding: 'utf8' }).trim());
const options = ['--mcp-config', '../mcp.json', '--strict-mcp-config', '--allowedTools', 'mcp__stub'];
const agent = spawn(program, ['-p', 'Read the sensor twice.', ...options], {
  cwd: 'project',
  env,
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: true,
});
const end = () => {
  try {
    process.kill(-agent.pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
};
process.on('exit', end);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
setTimeout(() => process.exit(2), 120_000).unref();
await once(agent, 'exit');

const texts = (parts) => [parts ?? []].flat().map((part) => part.text ?? part.type ?? part);
for (const tool of tools) console.log(`From ${tool} the model gets:`, texts(seen[tool]).filter((one) => !/source: /.test(one)));
console.log('Both answer with the same text and image. Structured content replaces the text, and the image stays.');
const has = (tool) => ['TEXT: 21 degrees', '"image"', 'degrees\\":21'].map((one) => JSON.stringify(seen[tool] ?? '').includes(one));
process.exit(tools.map(has).join(' ') === 'true,true,false false,true,true' ? 0 : 1);
JS
node try.mjs
