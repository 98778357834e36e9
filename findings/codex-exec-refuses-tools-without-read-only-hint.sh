#!/bin/sh
# `codex exec` of Codex 0.171.0 refuses every tool of an MCP server that has no `readOnlyHint`, although nobody asked for
# approvals and the person put the server into the configuration. The server does not hear of the call. What changes it
# is the sandbox for shell commands, in which the server does not even run: with the sandbox off, the tool is called.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @openai/codex@0.171.0

# An MCP server with two tools that are alike, but for one hint. It writes down which ones it is asked for.
cat >server.mjs <<'JS'
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const inputSchema = { type: 'object', properties: {} };
const tools = [
  { name: 'hinted', description: 'Tells the time.', inputSchema, annotations: { readOnlyHint: true } },
  { name: 'bare', description: 'Tells the time.', inputSchema },
];
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'stub', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools }),
  'tools/call': ({ name }) => {
    appendFileSync(process.argv[2], `${name}\n`);
    return { content: [{ type: 'text', text: 'It is noon.' }] };
  },
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const rest = answer ? { result: answer(params) } : { error: { code: -32601, message: 'Method not found' } };
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...rest }));
});
JS

# A model that calls both tools and then says "Done.", and Codex in between.
cat >try.mjs <<'JS'
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const tools = ['hinted', 'bare'];
let seen = {};
const model = createServer(async (request, response) => {
  const body = await text(request);
  if (request.method !== 'POST') return response.writeHead(404).end();
  const { input, tools: offered = [] } = JSON.parse(body);
  for (const { type, call_id, output } of input) if (type === 'function_call_output') seen[call_id] = output;
  const name = tools.find((one) => !(one in seen));
  const { name: namespace } = offered.find((one) => one.tools?.some((inner) => inner.name === name)) ?? {};
  const item = namespace
    ? { type: 'function_call', id: 'i', call_id: name, name, namespace, arguments: '{}', status: 'completed' }
    : { type: 'message', id: 'i', role: 'assistant', content: [{ type: 'output_text', text: 'Done.', annotations: [] }] };
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  const whole = { id: 'r', object: 'response', status: 'completed', model: 'stub', output: [item], usage };
  response.setHeader('content-type', 'text/event-stream');
  for (const event of [
    { type: 'response.created', response: { ...whole, output: [], status: 'in_progress' } },
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: whole },
  ])
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
});
model.listen(0, '127.0.0.1');
await once(model, 'listening');

const home = join(process.cwd(), 'home');
mkdirSync(join(home, '.codex'), { recursive: true });
mkdirSync('project');
const args = ['server.mjs', 'asked'].map((file) => join(process.cwd(), file));
writeFileSync(
  join(home, '.codex', 'config.toml'),
  `model = "stub"
model_provider = "stub"
[model_providers.stub]
name = "stub"
base_url = "http://127.0.0.1:${model.address().port}/v1"
env_key = "STUB_KEY"
wire_api = "responses"
[mcp_servers.stub]
command = ${JSON.stringify(process.execPath)}
args = ${JSON.stringify(args)}
required = true
`,
);
const env = { PATH: process.env.PATH, HOME: home, TMPDIR: home, STUB_KEY: 'not-a-key' };
const program = join(process.cwd(), 'node_modules/.bin/codex');
console.log(execFileSync(program, ['--version'], { env, encoding: 'utf8', stdio: 'pipe' }).trim());
let agent;
process.on('exit', endAgent);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
setTimeout(() => process.exit(2), 120_000).unref();

const found = {};
for (const sandbox of ['read-only', 'danger-full-access']) {
  seen = {};
  writeFileSync('asked', '');
  const options = ['--skip-git-repo-check', '--sandbox', sandbox];
  const stdio = ['ignore', 'ignore', 'ignore'];
  agent = spawn(program, ['exec', ...options, 'Tell me the time twice.'], { cwd: 'project', env, stdio, detached: true });
  const [code] = await once(agent, 'exit');
  endAgent();
  const asked = readFileSync('asked', 'utf8').trim().split('\n').join(' and ');
  console.log(`Sandbox ${sandbox}: exit code ${code}, the server was asked for ${asked}.`);
  for (const tool of tools) console.log(`  From the tool "${tool}" the model gets ${JSON.stringify(seen[tool])}`);
  found[sandbox] = `${asked}, ${/approval policy is never/.test(JSON.stringify(seen.bare))}`;
}
console.log('In a sandbox, a tool without the hint needs an approval that nobody can give in this mode.');
const expected = { 'read-only': 'hinted, true', 'danger-full-access': 'hinted and bare, false' };
process.exit(JSON.stringify(found) === JSON.stringify(expected) ? 0 : 1);

function endAgent() {
  try {
    process.kill(-agent.pid, 'SIGKILL');
  } catch {
    // It has ended, or never began.
  }
}
JS
node try.mjs
