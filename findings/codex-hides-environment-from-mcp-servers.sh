#!/bin/sh
# Codex 0.171.0 starts an MCP server with some six variables, so the server and all that it starts live without those of
# the user: no active virtual environment, no NODE_OPTIONS, no XDG folders, no settings of its own. Shell commands of the
# same Codex get all of them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @openai/codex@0.171.0

# An MCP server that writes down the names of its variables.
cat >server.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
writeFileSync(process.argv[2], JSON.stringify(Object.keys(process.env)));
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'stub', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools: [] }),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const rest = answer ? { result: answer(params) } : { error: { code: -32601, message: 'Method not found' } };
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...rest }));
});
JS

# A model that lets Codex run one command, which does the same, and then says "Done.".
cat >try.mjs <<'JS'
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const inside = (name) => join(process.cwd(), name);
writeFileSync('names.mjs', `import { writeFileSync } from 'node:fs';
writeFileSync(process.argv[2], JSON.stringify(Object.keys(process.env)));
`);
const command = [process.execPath, inside('names.mjs'), inside('command.json')].map((one) => `'${one}'`).join(' ');
const model = createServer(async (request, response) => {
  const body = await text(request);
  if (request.method !== 'POST') return response.writeHead(404).end();
  const answered = JSON.parse(body).input.some(({ type }) => type === 'function_call_output');
  const call = { name: 'exec_command', arguments: JSON.stringify({ cmd: command, yield_time_ms: 20_000 }) };
  const item = answered
    ? { type: 'message', id: 'i', role: 'assistant', content: [{ type: 'output_text', text: 'Done.', annotations: [] }] }
    : { type: 'function_call', id: 'i', call_id: 'c', ...call, status: 'completed' };
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

const home = inside('home');
mkdirSync(join(home, '.codex'), { recursive: true });
mkdirSync('project');
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
args = ${JSON.stringify([inside('server.mjs'), inside('server.json')])}
required = true
`,
);
const users = { VIRTUAL_ENV: inside('venv'), NODE_OPTIONS: '--no-warnings', XDG_CONFIG_HOME: inside('home/.config'), EDITOR: 'vi' };
const usual = { PATH: process.env.PATH, HOME: home, TMPDIR: home, LANG: 'C.UTF-8', SHELL: '/bin/sh', TERM: 'dumb' };
const env = { ...usual, ...users, STUB_KEY: 'not-a-key' };
const program = inside('node_modules/.bin/codex');
console.log(execFileSync(program, ['--version'], { env, encoding: 'utf8', stdio: 'pipe' }).trim());
const options = ['--skip-git-repo-check', '--sandbox', 'danger-full-access'];
const stdio = ['ignore', 'ignore', 'ignore'];
const agent = spawn(program, ['exec', ...options, 'Which variables are there?'], { cwd: 'project', env, stdio, detached: true });
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

const names = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
const ofUser = (all) => Object.keys(users).filter((name) => all.includes(name));
const [server, shell] = [names('server.json'), names('command.json')];
console.log(`The user has set ${Object.keys(users).join(', ')}.`);
console.log(`All variables of the MCP server: ${server.sort().join(', ')}. Of the user's: ${ofUser(server).length}.`);
console.log(`A shell command of the model has of the user's: ${ofUser(shell).join(', ')}.`);
console.log('An MCP server gets only what its configuration names in "env" or "env_vars", and a few usual ones.');
const expected = server.includes('HOME') && ofUser(server).length === 0 && ofUser(shell).length === 4;
process.exit(expected ? 0 : 1);
JS
node try.mjs
