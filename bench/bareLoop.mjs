// The bare spawn loop: `node bareLoop.mjs COUNT CONCURRENCY` prints how many `sh -c true` a second this Node runs.
// A process of its own and plain JavaScript, since a fork takes the longer the more memory the process has.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const [count, concurrency] = process.argv.slice(2).map(Number);
const started = performance.now();
let left = count;
await Promise.all(Array.from({ length: concurrency }, work));
console.log((count / (performance.now() - started)) * 1000);

async function work() {
  while (left-- > 0) await once(spawn('sh', ['-c', 'true'], { stdio: 'ignore' }), 'exit');
}
