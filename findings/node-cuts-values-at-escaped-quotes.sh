#!/bin/sh
# util.parseEnv of Node 24.21.0, which also reads --env-file, ends a quoted value at a quote that is escaped, and drops the
# rest of the line without an error. The value keeps the backslash, so it ends with one.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact node@24.21.0
cat >vars <<'ENV'
JSON="{\"a\": 1}"
NEXT=kept
ENV
cat >try.cjs <<'JS'
const { parseEnv } = require('node:util');
const values = parseEnv(require('node:fs').readFileSync('vars', 'utf8'));
console.log(`Node ${process.version}: parseEnv reads ${JSON.stringify(values)}`);
console.log(`--env-file gives JSON=${process.env.JSON}`);
process.exit(values.JSON === '{\\' && process.env.JSON === '{\\' && values.NEXT === 'kept' ? 0 : 1);
JS
node_modules/.bin/node --env-file=vars try.cjs
