#!/bin/sh
# server.close() of Node 24.21.0 removes the file with the path of its Unix socket, although that file is by now the socket
# of another server, which then has no address any more: nobody can connect, and it gets no error.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact node@24.21.0
cat >try.cjs <<'JS'
const { once } = require('node:events');
const { existsSync, rmSync } = require('node:fs');
const { createServer } = require('node:net');
(async () => {
  const listening = async () => {
    const server = createServer().listen('server.sock');
    await once(server, 'listening');
    return server;
  };
  const first = await listening();
  rmSync('server.sock');
  const second = await listening();
  const before = existsSync('server.sock');
  first.close();
  await once(first, 'close');
  const after = existsSync('server.sock');
  console.log(`Node ${process.version}: the second server listens: ${second.listening}`);
  console.log(`its socket exists: ${before} before the first one is closed, ${after} afterwards`);
  process.exit(second.listening && before && !after ? 0 : 1);
})();
JS
node_modules/.bin/node try.cjs
