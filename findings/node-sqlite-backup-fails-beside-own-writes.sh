#!/bin/sh
# Node 24.21.0: sqlite.backup() of a connection that is itself just within a transaction is not tried again, but
# rejected, with the error "not an error" and the code 0. The same copy through a second, read-only connection works.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact node@24.21.0
cat >try.mjs <<'JS'
import { backup, DatabaseSync } from 'node:sqlite';
console.log(`Node ${process.version}`);
const writer = new DatabaseSync('store.db');
writer.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)');
const reader = new DatabaseSync('store.db', { readOnly: true });
async function copyDuringTransaction(source) {
  writer.exec('BEGIN IMMEDIATE; INSERT INTO t VALUES (2)');
  try {
    await backup(source, 'copy.db', { rate: 1_000_000 });
    return 'copied';
  } catch (error) {
    return `${error.message} (errcode ${error.errcode})`;
  } finally {
    writer.exec('COMMIT');
  }
}
const own = await copyDuringTransaction(writer);
const other = await copyDuringTransaction(reader);
console.log(`Copy of the connection that writes: ${own}`);
console.log(`Copy of another connection: ${other}`);
process.exit(own === 'not an error (errcode 0)' && other === 'copied' ? 0 : 1);
JS
node_modules/node/bin/node try.mjs
