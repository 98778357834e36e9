#!/bin/sh
# @lydell/node-pty 1.1.0 (the code of node-pty 1.1.0, prebuilt) stops reading a fifth of a second after the command has
# exited, though a process that the command has left still has the terminal open. What that one prints later is lost, and
# nothing says so: `onExit` comes with code 0. With pipes, Node waits for such output before it tells 'close'.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact @lydell/node-pty@1.1.0
cat >try.cjs <<'JS'
const { spawn } = require('node:child_process');
const pty = require('@lydell/node-pty');
const command = ['sh', ['-c', '(trap "" HUP; sleep 1; echo late) & echo early']];
async function main() {
  console.log(`node-pty ${require('@lydell/node-pty/package.json').version}, Node ${process.version}`);
  const piped = await new Promise((resolve) => {
    let text = '';
    const child = spawn(...command);
    child.stdout.on('data', (data) => (text += data));
    child.on('close', () => resolve(text));
  });
  const terminal = pty.spawn(...command, { cols: 80, rows: 24 });
  let shown = '';
  terminal.onData((data) => (shown += data));
  const { exitCode } = await new Promise((resolve) => terminal.onExit(resolve));
  // The late line is long due.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  console.log(`Through a pipe: ${JSON.stringify(piped)}`);
  console.log(`Through node-pty: ${JSON.stringify(shown)}, exit code ${exitCode}`);
  process.exit(piped === 'early\nlate\n' && shown === 'early\r\n' ? 0 : 1);
}
main();
JS
node try.cjs
