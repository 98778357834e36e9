#!/bin/sh
# The dump of just 1.57.0 names the target of an alias without its module. An alias of a recipe in a module cannot be
# resolved from it: here two aliases of different recipes have the same target, and no recipe beside them has that name.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact rust-just@1.57.0
printf 'mod web\nmod db\nalias w := web::build\nalias d := db::build\n' >justfile
printf 'build:\n    @echo web\n' >web.just
printf 'build:\n    @echo db\n' >db.just
node_modules/.bin/just --version
[ "$(node_modules/.bin/just w) $(node_modules/.bin/just d)" = 'web db' ]
node_modules/.bin/just --dump --dump-format json >dump.json
cat >try.cjs <<'JS'
const { aliases, recipes } = require('./dump.json');
const targets = Object.values(aliases).map(({ name, target }) => `${name} is ${target}`);
console.log(targets.join(', '), '- recipes beside them:', Object.keys(recipes).length);
console.log('just runs web::build and db::build for them, but the dump does not tell.');
process.exit(targets.join() === 'd is build,w is build' && Object.keys(recipes).length === 0 ? 0 : 1);
JS
node try.cjs
