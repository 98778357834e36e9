// Stands between an agent and `bgjobs mcp`: `node tee.mjs RECORD COMMAND [ARGUMENT…]`. It passes on both streams as they
// are, and appends each line to RECORD with its time and direction.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const [record, command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
pass(process.stdin, child.stdin, 'client');
pass(child.stdout, process.stdout, 'server');
for (const stream of [child.stdin, process.stdout]) stream.on('error', () => undefined);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));

function pass(from, to, who) {
  let rest = '';
  from.on('data', (data) => {
    to.write(data);
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line !== '') appendFileSync(record, `{"time":${Date.now()},"from":"${who}","message":${line}}\n`);
    }
  });
  from.on('end', () => to.end());
}
