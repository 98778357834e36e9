#!/bin/sh
# The settings of Claude Code 2.1.332 describe `asyncRewake` of a hook as "runs in background and wakes the model on exit
# code 2. Implies async." With `claude -p` such a hook does not run in the background: the answer of the tool is held back
# until the hook has ended, and a plain `async` hook is not waited for. (In the terminal it is asynchronous as described.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @anthropic-ai/claude-code@2.1.332

# A model that runs one command and then says "Done.", and a hook of five seconds after the command.
cat >try.mjs <<'JS'
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const inside = (name) => join(process.cwd(), name);
let kind;
const before = {};
const model = createServer(async (request, response) => {
  const body = await text(request);
  if (request.method !== 'POST' || !/\/v1\/messages(\?|$)/.test(request.url)) return response.writeHead(404).end();
  const { messages, stream, tools = [] } = JSON.parse(body);
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  const hasResult = parts.some(({ type }) => type === 'tool_result');
  if (hasResult) before[kind] ??= { ended: existsSync(`${kind}-ended`) };
  const wanted = tools.some(({ name }) => name === 'Bash') && !hasResult;
  const input = { command: 'echo ran', description: 'Runs' };
  const block = wanted ? { type: 'tool_use', id: 'c', name: 'Bash', input } : { type: 'text', text: 'Done.' };
  const stop = { stop_reason: wanted ? 'tool_use' : 'end_turn', stop_sequence: null };
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'stub', content: [], stop_reason: null, usage };
  if (!stream) {
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ ...message, content: [block], ...stop }));
  }
  response.setHeader('content-type', 'text/event-stream');
  for (const event of [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: wanted ? { ...block, input: {} } : { ...block, text: '' } },
    {
      type: 'content_block_delta',
      index: 0,
      delta: wanted
        ? { type: 'input_json_delta', partial_json: JSON.stringify(input) }
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

mkdirSync('home/.claude', { recursive: true });
mkdirSync('project');
const env = {
  PATH: process.env.PATH,
  HOME: inside('home'),
  TMPDIR: inside('home'),
  ANTHROPIC_BASE_URL: `http://127.0.0.1:${model.address().port}`,
  ANTHROPIC_API_KEY: 'not-a-key',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
};
const program = inside('node_modules/.bin/claude');
console.log(execFileSync(program, ['--version'], { env, encoding: 'utf8' }).trim());
let agent;
process.on('exit', () => {
  try {
    process.kill(-agent.pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
setTimeout(() => process.exit(2), 180_000).unref();

for (kind of ['async', 'asyncRewake']) {
  const command = `sleep 5; touch '${inside(kind)}-ended'; echo told >&2; exit 2`;
  const hooks = { PostToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', [kind]: true, command }] }] };
  writeFileSync('home/.claude/settings.json', JSON.stringify({ hooks }));
  agent = spawn(program, ['-p', 'Run the command.', '--allowedTools', 'Bash'], {
    cwd: 'project',
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  await once(agent, 'exit');
  console.log(`With ${kind}, the hook had ended when the model got the answer of the tool: ${before[kind]?.ended}.`);
}
console.log('Both run in the background by their description.');
process.exit(before.async?.ended === false && before.asyncRewake?.ended === true ? 0 : 1);
JS
node try.mjs
