#!/bin/sh
# bytes 3.1.2 knows the units kb, mb, gb … only. A size in another common spelling is not refused: the unit is dropped
# and the number is taken for bytes, so a limit of 64 KiB becomes 64 bytes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact bytes@3.1.2
cat >try.cjs <<'JS'
const bytes = require('bytes');
const expected = { '64kb': 65536, '64K': 64, '64KiB': 64, '256M': 256, '2 GiB': 2, '12abc': 12, abc: null };
console.log(`bytes ${require('bytes/package.json').version}`);
let changed = false;
for (const [text, value] of Object.entries(expected)) {
  const seen = bytes.parse(text);
  console.log(`parse(${JSON.stringify(text)}) is ${seen}`);
  changed ||= seen !== value;
}
console.log('A unit that it does not know is dropped without an error, and the number counts as bytes.');
process.exit(changed ? 1 : 0);
JS
node try.cjs
