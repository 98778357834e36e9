#!/bin/sh
# Continue CLI 1.5.47 reads hooks from `settings.json` (also from that of Claude Code) and says "Hooks loaded" in its log,
# but it runs none of them, whatever the event. A hook that should guard tool calls or note the end of a turn is silent.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @continuedev/cli@1.5.47

# A model that runs one command and then says "Done.", and Continue with a hook for every event.
cat >try.mjs <<'JS'
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const inside = (name) => join(process.cwd(), name);
let answered = false;
const model = createServer(async (request, response) => {
  const body = await text(request);
  if (request.method !== 'POST' || !/\/chat\/completions/.test(request.url)) return response.writeHead(404).end();
  const { messages, tools = [], stream } = JSON.parse(body);
  answered ||= messages.some(({ role }) => role === 'tool');
  const wanted = tools.some((tool) => tool.function.name === 'Bash') && !messages.some(({ role }) => role === 'tool');
  const call = { id: 'c', type: 'function', function: { name: 'Bash', arguments: '{"command":"echo ran"}' } };
  const said = wanted ? { content: null, tool_calls: [{ index: 0, ...call }] } : { content: 'Done.' };
  const finish_reason = wanted ? 'tool_calls' : 'stop';
  const base = { id: 'm', created: 1, model: 'stub' };
  if (!stream) {
    const choices = [{ index: 0, message: { role: 'assistant', ...said }, finish_reason }];
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ ...base, object: 'chat.completion', choices }));
  }
  response.setHeader('content-type', 'text/event-stream');
  const write = (delta, finish) =>
    response.write(
      `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
    );
  write({ role: 'assistant', ...said }, null);
  write({}, finish_reason);
  response.end('data: [DONE]\n\n');
});
model.listen(0, '127.0.0.1');
await once(model, 'listening');

mkdirSync('project');
mkdirSync('home/.continue', { recursive: true });
mkdirSync('home/.claude', { recursive: true });
writeFileSync(
  'home/.continue/config.yaml',
  `name: Stub
version: 1.0.0
schema: v1
models:
  - name: stub
    provider: openai
    model: stub
    apiBase: http://127.0.0.1:${model.address().port}/v1
    apiKey: not-a-key
`,
);
const events = ['SessionStart', 'UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'Stop', 'SessionEnd'];
const hooks = (file) => {
  const hook = (event) => ({ hooks: [{ type: 'command', command: `echo ${event} >>'${inside('ran')}'` }] });
  writeFileSync(file, JSON.stringify({ hooks: Object.fromEntries(events.map((event) => [event, [hook(event)]])) }));
};
hooks('home/.continue/settings.json');
hooks('home/.claude/settings.json');
const env = {
  PATH: process.env.PATH,
  HOME: inside('home'),
  CONTINUE_TELEMETRY_ENABLED: '0',
  CONTINUE_CLI_AUTO_UPDATED: '1',
};
const program = inside('node_modules/.bin/cn');
console.log(execFileSync(program, ['--version'], { env, encoding: 'utf8' }).trim());
const options = ['--config', inside('home/.continue/config.yaml'), '--auto', '--verbose'];
const agent = spawn(program, ['-p', ...options, 'Run the command.'], {
  cwd: 'project',
  env,
  stdio: ['ignore', 'inherit', 'inherit'],
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

const loaded = /Hooks loaded: .*/.exec(readFileSync('home/.continue/logs/cn.log', 'utf8'))?.[0];
console.log(`Its log: ${loaded}`);
console.log(`The tool has run, and the model has got its result: ${answered}.`);
console.log(`Hooks that have run: ${existsSync('ran') ? readFileSync('ran', 'utf8') : 'none'}.`);
process.exit(loaded?.includes(' 12 handler(s)') && answered && !existsSync('ran') ? 0 : 1);
JS
node try.mjs
