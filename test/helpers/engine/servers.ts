import assert from 'node:assert/strict';
import type { Job } from '../../../src/api/job.ts';
import type { EngineFixture } from './engineFixture.ts';

/** Listens on the port with whatever answers every request with 200. */
export const server = (port: number, host = '127.0.0.1', before = ''): string[] => [
  process.execPath,
  '-e',
  `${before}; require('node:http').createServer((q, r) => r.end('ok')).listen(${port}, '${host}')`,
];

/** A Node script with `net`, `http` and `go()`, which waits for the file `go`. */
export const node = (script: string): string[] => [
  process.execPath,
  '-e',
  `const net = require('node:net'), http = require('node:http'), fs = require('node:fs');
  const go = async () => { while (!fs.existsSync('go')) await new Promise((done) => setTimeout(done, 20)); };
  const serve = (port, status = 200) =>
    http.createServer((q, r) => r.writeHead(status).end('ok')).listen(port, '127.0.0.1');
  ${script}`,
];

/** @returns the job when it is ready, or will not be */
export async function decided(test: EngineFixture, { id }: Job): Promise<Job> {
  const { timedOut, job } = await test.engine.waitForJob(id, { for: 'ready', timeoutMs: 60_000 });
  assert.ok(!timedOut);
  return job;
}
