// The baseline: `node bareLoop.mjs COUNT CONCURRENCY` prints how many times per second this Node runs `sh -c true`.
// It is plain JavaScript in its own process, because a fork takes longer the more memory the process has.
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
