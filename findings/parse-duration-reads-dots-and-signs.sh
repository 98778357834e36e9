#!/bin/sh
# parse-duration 2.1.9 adds up whatever it finds in a text. A second dot begins another number, and a minus sign gives a
# negative duration, so a mistyped timeout is accepted with a value that nobody meant.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact parse-duration@2.1.9
cat >try.mjs <<'JS'
import parse from 'parse-duration';
import { readFileSync } from 'node:fs';
const expected = { '1.5s': 1500, '1..5s': 501, '-3s': -3000 };
console.log(`parse-duration ${JSON.parse(readFileSync('node_modules/parse-duration/package.json', 'utf8')).version}`);
let changed = false;
for (const [text, value] of Object.entries(expected)) {
  const seen = parse(text);
  console.log(`parse(${JSON.stringify(text)}) is ${seen} ms`);
  changed ||= seen !== value;
}
console.log('A mistyped duration is not refused: its parts are added up, each in a unit of its own.');
process.exit(changed ? 1 : 0);
JS
node try.mjs
