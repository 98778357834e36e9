#!/bin/sh
# opencode 1.18.33 does not tell its model how a shell command ended. One that fails with exit code 3 and one that succeeds
# have the status "completed" and give the model the very same text. Only the JSON for programs holds the exit code.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact opencode-ai@1.18.33

# A model that lets opencode run a command that fails and a command that does not.
cat >try.mjs <<'JS'
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const commands = ['echo checked; exit 3', 'echo checked; exit 0'];
const seen = {};
const model = createServer(async (request, response) => {
  const body = await text(request);
  if (request.method !== 'POST' || !/\/chat\/completions/.test(request.url)) return response.writeHead(404).end();
  const { messages, tools = [] } = JSON.parse(body);
  for (const { role, tool_call_id, content } of messages) if (role === 'tool') seen[tool_call_id] = content;
  const command = tools.length > 0 ? commands.find((one) => !(one in seen)) : undefined;
  const input = { command, description: 'Checks', timeout: 30_000 };
  const call = { id: command, type: 'function', function: { name: 'bash', arguments: JSON.stringify(input) } };
  const said = command ? { content: null, tool_calls: [{ index: 0, ...call }] } : { content: 'Done.' };
  response.setHeader('content-type', 'text/event-stream');
  const base = { id: 'm', object: 'chat.completion.chunk', created: 1, model: 'stub' };
  const write = (choices, rest) => response.write(`data: ${JSON.stringify({ ...base, choices, ...rest })}\n\n`);
  write([{ index: 0, delta: { role: 'assistant', ...said }, finish_reason: null }]);
  write([{ index: 0, delta: {}, finish_reason: command ? 'tool_calls' : 'stop' }]);
  write([], { usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
  response.end('data: [DONE]\n\n');
});
model.listen(0, '127.0.0.1');
await once(model, 'listening');

const inside = (name) => join(process.cwd(), name);
mkdirSync('home/.config/opencode', { recursive: true });
mkdirSync('project');
const baseURL = `http://127.0.0.1:${model.address().port}/v1`;
const stub = {
  npm: '@ai-sdk/openai-compatible',
  name: 'Stub',
  options: { baseURL, apiKey: 'not-a-key' },
  models: { stub: { name: 'stub' } },
};
writeFileSync(
  'home/.config/opencode/opencode.json',
  JSON.stringify({ provider: { stub }, model: 'stub/stub', small_model: 'stub/stub', autoupdate: false, share: 'disabled' }),
);
const env = {
  PATH: process.env.PATH,
  HOME: inside('home'),
  TMPDIR: inside('home'),
  SHELL: '/bin/sh',
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
};
const program = inside('node_modules/.bin/opencode');
console.log(`opencode ${execFileSync(program, ['--version'], { env, encoding: 'utf8' }).trim()}`);
const agent = spawn(program, ['run', '--format', 'json', 'Check it twice.'], {
  cwd: 'project',
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
process.on('exit', end);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
setTimeout(() => process.exit(2), 120_000).unref();
const output = text(agent.stdout);
const [code] = await once(agent, 'exit');
await Promise.race([output, sleep(5_000)]);
end();

const lines = (await output).split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
const found = lines.filter(({ type }) => type === 'tool_use').map(({ part }) => {
  const { input, status, metadata } = part.state;
  console.log(`Command "${input.command}": status ${status}, exit code in the JSON output ${metadata.exit}.`);
  console.log(`  The model gets ${JSON.stringify(seen[input.command])}`);
  return `${status} ${metadata.exit} ${seen[input.command]}`;
});
console.log(`opencode itself ends with ${code}. The model cannot know that the first command has failed.`);
process.exit(found.join('') === 'completed 3 checked\ncompleted 0 checked\n' ? 0 : 1);

function end() {
  try {
    process.kill(-agent.pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
JS
node try.mjs
