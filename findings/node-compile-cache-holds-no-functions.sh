#!/bin/sh
# module.enableCompileCache of Node 24.21.0 keeps what V8 has compiled when a file is loaded, which is the outermost code
# alone: each function is compiled again in every process, also one that ran while the file was loaded, and also when the
# process that wrote the cache called flushCompileCache at its end. The cached data that node:vm creates after the
# functions have run holds them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact node@24.21.0
cat >library.cjs <<'JS'
function early() { return 1; }
function later() { let sum = 0; for (let i = 0; i < 3; i++) sum += i; return sum; }
exports.later = later;
early();
JS
cat >cached.cjs <<'JS'
const { enableCompileCache, flushCompileCache } = require('node:module');
enableCompileCache('cache');
require('./library.cjs').later();
flushCompileCache();
JS
cat >script.cjs <<'JS'
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');
const cachedData = existsSync('data') ? readFileSync('data') : undefined;
const source = `(function (exports) {${readFileSync('library.cjs', 'utf8')}\n})`;
const script = new Script(source, { filename: 'library.cjs', cachedData });
const library = {};
script.runInThisContext()(library);
library.later();
writeFileSync('data', script.createCachedData());
JS
compiled() {
  node_modules/.bin/node --log-function-events --logfile=v8.log --no-logfile-per-isolate "$1"
  grep -cE '^function,full-parse,.*,(early|later)$' v8.log || true
}
compiled cached.cjs >/dev/null
compile_cache=$(compiled cached.cjs)
compiled script.cjs >/dev/null
vm=$(compiled script.cjs)
echo "Node $(node_modules/.bin/node --version), second process, functions compiled again of 2: $compile_cache with the compile cache, $vm with the cached data of node:vm"
[ "$compile_cache" = 2 ] && [ "$vm" = 0 ]
