#!/bin/sh
# @modelcontextprotocol/server 2.4.0: a line on stdin that is not JSON, or is JSON but no JSON-RPC message, gets no
# answer. JSON-RPC 2.0 asks for an error with the code -32700 or -32600, so a client that waits for it waits for ever.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @modelcontextprotocol/server@2.4.0 zod@4.2.0
cat >server.mjs <<'JS'
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
serveStdio(() => new McpServer({ name: 'example', version: '1.0.0' }, { capabilities: { tools: {} } }), {
  onerror: (error) => console.error(`onerror: ${String(error.message).split('\n')[0]}`),
});
JS
cat >try.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
const server = spawn(process.execPath, ['server.mjs'], { stdio: ['pipe', 'pipe', 'inherit'] });
const clientInfo = { name: 'client', version: '1.0.0' };
const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
const lines = [
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  'this is not JSON',
  JSON.stringify({ id: 2, method: 'ping' }),
  JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'ping' }),
];
const answers = [];
createInterface({ input: server.stdout }).on('line', (line) => {
  const { id, error } = JSON.parse(line);
  answers.push(error ? `${id}: error ${error.code}` : `${id}: result`);
  if (id === 3) server.stdin.end();
});
for (const line of lines) server.stdin.write(`${line}\n`);
server.on('exit', () => {
  console.log(`@modelcontextprotocol/server 2.4.0 got ${lines.length} lines, the second not JSON, the third without "jsonrpc"`);
  console.log(`answers: ${answers.join(', ')}`);
  console.log('The second and the third line are dropped without an answer.');
  process.exitCode = answers.join() === '1: result,3: result' ? 0 : 1;
});
JS
timeout 60 node try.mjs
