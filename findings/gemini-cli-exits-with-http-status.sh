#!/bin/sh
# Gemini CLI 0.61.0 with JSON output makes the HTTP status of a refused request its exit code. An exit code has eight bits,
# so 401 becomes 145, which a shell or a program that watches it may take for an end by signal 17. With text output the
# same failure has exit code 1.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @google/gemini-cli@0.61.0

# A model that refuses each request with the status that is wanted.
cat >try.mjs <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

let status;
const model = createServer(async (request, response) => {
  await text(request);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code: status, message: 'Refused.', status: 'UNAUTHENTICATED' } }));
});
model.listen(0, '127.0.0.1');
await once(model, 'listening');

const inside = (name) => join(process.cwd(), name);
mkdirSync('home/.gemini', { recursive: true });
mkdirSync('project');
writeFileSync(
  'home/.gemini/settings.json',
  JSON.stringify({
    security: { auth: { selectedType: 'gemini-api-key' } },
    general: { enableAutoUpdate: false },
    privacy: { usageStatisticsEnabled: false },
  }),
);
const env = {
  PATH: process.env.PATH,
  HOME: inside('home'),
  TMPDIR: inside('home'),
  GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${model.address().port}`,
  GEMINI_API_KEY: 'not-a-key',
};
const { version } = JSON.parse(readFileSync('node_modules/@google/gemini-cli/package.json', 'utf8'));
console.log(`Gemini CLI ${version}`);
let agent;
process.on('exit', end);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
setTimeout(() => process.exit(2), 120_000).unref();

const codes = [];
for (const format of ['text', 'json', 'stream-json']) {
  for (status of [401, 403]) {
    const options = ['--skip-trust', '--output-format', format, '--model', 'gemini-2.5-flash', '-p', 'Say hello.'];
    const stdio = ['ignore', 'ignore', 'ignore'];
    agent = spawn(inside('node_modules/.bin/gemini'), options, { cwd: 'project', env, stdio, detached: true });
    const [code, signal] = await once(agent, 'exit');
    end();
    console.log(`Output as ${format}, HTTP status ${status}: exit code ${code ?? signal}. ${status} modulo 256 is ${status % 256}.`);
    codes.push(code);
  }
}
console.log('With JSON the exit code is the lower byte of the HTTP status, in the range that shells use for signals.');
process.exit(`${codes}` === '1,1,145,147,145,147' ? 0 : 1);

function end() {
  try {
    process.kill(-agent.pid, 'SIGKILL');
  } catch {
    // It has ended, or never began.
  }
}
JS
node try.mjs
