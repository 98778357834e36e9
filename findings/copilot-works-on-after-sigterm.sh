#!/bin/sh
# The program "copilot" of Copilot CLI 1.0.102 is a launcher that hands no signal on. Whoever starts it and then ends it
# with SIGTERM sees it die at once, while the real program goes on: its command runs to the end, and it asks the model
# what to do next. Only a signal to the whole process group stops it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @github/copilot@1.0.102

# A model that lets Copilot run a command of six seconds, during which the launcher gets SIGTERM.
cat >try.mjs <<'JS'
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const inside = (name) => join(process.cwd(), name);
const command = `touch '${inside('begun')}'; sleep 6; touch '${inside('ended')}'`;
let answered = false;
const model = createServer(async (request, response) => {
  const body = await text(request);
  if (request.method !== 'POST' || !/\/chat\/completions/.test(request.url)) return response.writeHead(404).end();
  const { messages, tools = [], stream } = JSON.parse(body);
  answered ||= messages.some(({ role }) => role === 'tool');
  const wanted = tools.length > 0 && !messages.some(({ role }) => role === 'tool');
  const input = { command, description: 'Waits', mode: 'sync', initial_wait: 120 };
  const call = { id: 'c', type: 'function', function: { name: 'bash', arguments: JSON.stringify(input) } };
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

mkdirSync('home');
mkdirSync('project');
const env = {
  PATH: process.env.PATH,
  HOME: inside('home'),
  COPILOT_PROVIDER_BASE_URL: `http://127.0.0.1:${model.address().port}/v1`,
  COPILOT_PROVIDER_API_KEY: 'not-a-key',
  COPILOT_MODEL: 'stub',
  COPILOT_OFFLINE: 'true',
};
const program = inside('node_modules/.bin/copilot');
console.log(execFileSync(program, ['--version'], { env, encoding: 'utf8' }).trim());
const options = ['--allow-all-tools', '--prompt=Do it.'];
const agent = spawn(program, options, { cwd: 'project', env, stdio: ['ignore', 'ignore', 'ignore'], detached: true });
process.on('exit', () => {
  try {
    process.kill(-agent.pid, 'SIGKILL');
  } catch {
    // All of them have ended.
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
setTimeout(() => process.exit(2), 120_000).unref();

while (!existsSync('begun')) await sleep(100);
agent.kill('SIGTERM');
const [code, signal] = await once(agent, 'exit');
console.log(`After SIGTERM in the middle of a command, copilot has ended with ${code ?? signal}.`);
const before = { ended: existsSync('ended'), answered };
for (let i = 0; i < 200 && !answered; i++) await sleep(100);
console.log(`The command has run to its end then: ${before.ended}. Some seconds later: ${existsSync('ended')}.`);
console.log(`The model has got the result of the command then: ${before.answered}. Some seconds later: ${answered}.`);
console.log('The launcher dies alone, and the agent itself goes on with its work.');
process.exit(signal === 'SIGTERM' && !before.ended && existsSync('ended') && !before.answered && answered ? 0 : 1);
JS
node try.mjs
