#!/bin/sh
# Continue CLI 1.5.47 gives its model the tools of all MCP servers under their bare names. When two servers have a tool of
# one name, the model is offered that name twice, and both calls go to one server: the other one is never asked, and
# nobody gets an error.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @continuedev/cli@1.5.47

# An MCP server for a database of the given name, with one tool that counts its rows.
cat >server.mjs <<'JS'
import { createInterface } from 'node:readline';
const [, , database] = process.argv;
const description = `Counts the rows in the ${database} database.`;
const tools = [{ name: 'count_rows', description, inputSchema: { type: 'object', properties: {} } }];
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: database, version: '1.0.0' },
  }),
  'tools/list': () => ({ tools }),
  'tools/call': () => ({ content: [{ type: 'text', text: `Rows of the ${database} database.` }] }),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const rest = answer ? { result: answer(params) } : { error: { code: -32601, message: 'Method not found' } };
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...rest }));
});
JS

# A model that calls each tool of that name which it is offered, one after the other, and then says "Done.".
cat >try.mjs <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

let offered = [];
const seen = {};
const model = createServer(async (request, response) => {
  const body = await text(request);
  if (request.method !== 'POST' || !/\/chat\/completions/.test(request.url)) return response.writeHead(404).end();
  const { messages, tools = [], stream } = JSON.parse(body);
  const found = tools.map((tool) => tool.function).filter(({ name }) => name.includes('count_rows'));
  if (found.length > 0) offered = found;
  for (const { role, tool_call_id, content } of messages) if (role === 'tool') seen[tool_call_id] = content;
  const next = found.find(({ description }) => !(description in seen));
  const call = next && { id: next.description, type: 'function', function: { name: next.name, arguments: '{}' } };
  const said = call ? { content: null, tool_calls: [{ index: 0, ...call }] } : { content: 'Done.' };
  const finish_reason = call ? 'tool_calls' : 'stop';
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
mkdirSync('home');
mkdirSync('project');
const databases = ['test', 'customer'];
const apiBase = `http://127.0.0.1:${model.address().port}/v1`;
// YAML takes JSON.
writeFileSync(
  'home/config.yaml',
  JSON.stringify({
    name: 'Stub',
    version: '1.0.0',
    schema: 'v1',
    models: [{ name: 'stub', provider: 'openai', model: 'stub', apiBase, apiKey: 'not-a-key' }],
    mcpServers: databases.map((name) => ({ name, command: process.execPath, args: [inside('server.mjs'), name] })),
  }),
);
const { version } = JSON.parse(readFileSync('node_modules/@continuedev/cli/package.json', 'utf8'));
console.log(`Continue CLI ${version}`);
const agent = spawn(inside('node_modules/.bin/cn'), ['-p', '--config', inside('home/config.yaml'), 'Count the rows.'], {
  cwd: 'project',
  env: { PATH: process.env.PATH, HOME: inside('home'), TMPDIR: inside('home'), CONTINUE_TELEMETRY_ENABLED: '0', CONTINUE_CLI_AUTO_UPDATED: '1' },
  stdio: ['ignore', 'ignore', 'inherit'],
  detached: true,
});
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

for (const { name, description } of offered)
  console.log(`The model is offered ${name}: "${description}" A call of it gives ${JSON.stringify(seen[description])}`);
console.log('Both names are the same, and so are both answers: they come from one of the two databases.');
const [first, second] = offered;
const answers = offered.map(({ description }) => seen[description]);
const mixed = first?.name === second?.name && answers[0] === answers[1] && /Rows of the/.test(answers[0]);
process.exit(offered.length === 2 && mixed ? 0 : 1);
JS
node try.mjs
