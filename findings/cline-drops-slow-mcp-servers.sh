#!/bin/sh
# Cline CLI 3.0.65 gives an MCP server some two seconds to begin. One that takes five is left out of the whole session
# and nothing says so: the run goes on without its tools, ends with exit code 0, and its output does not name the server.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact cline@3.0.65

# An MCP server with one tool, which reads nothing until some time is over. It writes down each start.
cat >server.mjs <<'JS'
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
const [, , starts, seconds] = process.argv;
appendFileSync(starts, 'x');
await sleep(Number(seconds) * 1000);
const tools = [{ name: 'measure', description: 'Measures the depth.', inputSchema: { type: 'object', properties: {} } }];
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'stub', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools }),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  if (!line.startsWith('{')) return;
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const rest = answer ? { result: answer(params) } : { error: { code: -32601, message: 'Method not found' } };
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...rest }));
});
JS

# A model that says "Done." at once, and notes the tools that it is offered.
cat >try.mjs <<'JS'
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

let offered;
const model = createServer(async (request, response) => {
  const body = await text(request);
  if (request.method !== 'POST' || !/\/chat\/completions/.test(request.url)) return response.writeHead(404).end();
  const { tools = [] } = JSON.parse(body);
  if (tools.length > 0) offered = tools.map((tool) => tool.function.name);
  response.setHeader('content-type', 'text/event-stream');
  const base = { id: 'm', object: 'chat.completion.chunk', created: 1, model: 'stub' };
  const write = (choices, rest) => response.write(`data: ${JSON.stringify({ ...base, choices, ...rest })}\n\n`);
  write([{ index: 0, delta: { role: 'assistant', content: 'Done.' }, finish_reason: null }]);
  write([{ index: 0, delta: {}, finish_reason: 'stop' }]);
  write([], { usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
  response.end('data: [DONE]\n\n');
});
model.listen(0, '127.0.0.1');
await once(model, 'listening');

const inside = (name) => join(process.cwd(), name);
const program = inside('node_modules/.bin/cline');
const url = `http://127.0.0.1:${model.address().port}/v1`;
process.on('exit', end);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
setTimeout(() => process.exit(2), 240_000).unref();

const { version } = JSON.parse(readFileSync('node_modules/cline/package.json', 'utf8'));
console.log(`Cline ${version}`);
const quick = await run(0);
const slow = await run(5);
console.log('The slow server is given up, and neither the exit code nor the output tells of it.');
const expected = quick.tool && !slow.tool && slow.code === 0 && slow.started && !slow.told;
process.exit(expected ? 0 : 1);

/** A session with a home folder of its own, and a server that begins after so many seconds. */
async function run(seconds) {
  const home = inside(`home-${seconds}`);
  const settings = join(home, '.cline/data/settings');
  const starts = inside(`starts-${seconds}`);
  mkdirSync(settings, { recursive: true });
  mkdirSync(join(home, 'project'));
  const args = [inside('server.mjs'), starts, `${seconds}`];
  const mcpServers = { gauge: { command: process.execPath, args } };
  writeFileSync(join(settings, 'cline_mcp_settings.json'), JSON.stringify({ mcpServers }));
  const env = { PATH: process.env.PATH, HOME: home, CLINE_TELEMETRY_DISABLED: '1', CLINE_NO_AUTO_UPDATE: '1' };
  const options = { cwd: join(home, 'project'), env };
  const auth = ['auth', '-p', 'openai-compatible', '-k', 'not-a-key', '-m', 'stub', '-b', url];
  execFileSync(program, auth, { ...options, stdio: 'ignore' });

  offered = undefined;
  // A file, because the daemon that Cline starts would keep a pipe open.
  const file = openSync(`output-${seconds}`, 'w');
  const stdio = ['ignore', file, file];
  const agent = spawn(program, ['--json', 'Measure the depth.'], { ...options, stdio, detached: true });
  const [code] = await once(agent, 'exit');
  closeSync(file);
  end();
  const started = existsSync(starts) ? readFileSync(starts, 'utf8').length : 0;
  const output = readFileSync(`output-${seconds}`, 'utf8');
  const tool = offered?.some((name) => name.includes('measure')) ?? false;
  const told = output.includes('gauge');
  console.log(`Server that begins after ${seconds} s: started ${started} times, exit code ${code}.`);
  console.log(`  Its tool is among the ${offered?.length} that the model has: ${tool}. The output names the server: ${told}.`);
  return { tool, code, started: started > 0, told };
}

/** Ends all programs of this folder, because Cline leaves a daemon behind that is in no group of ours. */
function end() {
  const processes = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  for (const line of processes.filter((one) => one.includes(process.cwd()))) {
    try {
      process.kill(Number.parseInt(line, 10), 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}
JS
node try.mjs
