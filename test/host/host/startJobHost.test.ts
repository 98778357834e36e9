import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { homeFiles, readHostRecord, writeHostRecord } from '../../../src/dataDir/dataDir.ts';
import { startJobHost, type JobHost, type JobHostOptions } from '../../../src/host/startJobHost.ts';
import { tryLock } from '../../../src/host/lock.ts';
import { openLog } from '../../../src/dataDir/hostLog.ts';
import { ask } from '../../helpers/http.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';

/** Long enough to connect in. */
const idleExitMs = 600;

describe('a job host', () => {
  let home = '';
  const hosts: JobHost[] = [];
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'bj-'))));
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close('the test is over');
    rmSync(home, { recursive: true, force: true });
  });

  async function start(overrides: Partial<JobHostOptions> = {}): Promise<JobHost | undefined> {
    const log = openLog(homeFiles(home).log, 'debug');
    const host = await startJobHost({ home, version: '1.0.0', settings: {}, idleExitMs: 0, log, ...overrides });
    if (host) hosts.push(host);
    return host;
  }

  it('writes its endpoint, and removes it when it stops', async () => {
    const host = await start();
    const files = homeFiles(home);
    assert.deepEqual(readHostRecord(files.record), host?.record);
    assert.equal(host?.record.pid, process.pid);
    assert.ok(host.record.token.length >= 40);
    assert.ok(statSync(host.record.endpoint).isSocket());
    assert.equal(tryLock(files.lock), undefined);
    await host.close('test');
    await host.close('once more');
    assert.ok(!existsSync(files.record) && !existsSync(host.record.endpoint));
    const lock = tryLock(files.lock);
    assert.ok(lock);
    lock.release();
  });

  it('does not touch a home that another host serves', async () => {
    const first = await start();
    assert.equal(await start(), undefined);
    assert.deepEqual(readHostRecord(homeFiles(home).record), first?.record);
  });

  it('replaces a host that is stopping', async () => {
    const first = await start();
    const leaving = first?.close('test');
    const second = await start();
    await leaving;
    assert.ok(second);
    assert.notEqual(second.record.token, first?.record.token);
    assert.deepEqual(readHostRecord(homeFiles(home).record), second.record);
    assert.ok(existsSync(second.record.endpoint));
  });

  it('leaves alone what another host has in a home that was removed and made again', async () => {
    const first = await start();
    rmSync(home, { recursive: true });
    mkdirSync(home, { mode: 0o700 });
    const second = await start();
    assert.ok(first && second);
    await first.close('test');
    assert.deepEqual(readHostRecord(homeFiles(home).record), second.record);
    const { status } = await ask(second.record, 'GET', '/v1/jobs');
    assert.equal(status, 200);
    await second.close('test');
    assert.ok(!existsSync(homeFiles(home).record) && !existsSync(second.record.endpoint));
  });

  it('replaces a host that was killed', async () => {
    const files = homeFiles(home);
    const endpoint = join(home, 'host.sock');
    writeFileSync(endpoint, '');
    const startedAt = new Date().toISOString();
    writeHostRecord(files.record, { endpoint, token: 'x', pid: 1, version: '0', protocol: 1, startedAt });
    assert.equal((await start())?.record.pid, process.pid);
  });

  it('has a token of its own each time', async () => {
    const tokens = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const host = await start();
      tokens.add(host?.record.token ?? '');
      await host?.close('test');
    }
    assert.equal(tokens.size, 3);
  });

  it('releases everything when it cannot start', async () => {
    const openEngine = (): Promise<never> => Promise.reject(new Error('no store'));
    await assert.rejects(start({ openEngine }), /no store/);
    assert.deepEqual(readHostRecord(homeFiles(home).record), undefined);
    assert.ok(await start());
  });

  it('serves a home whose path is too long for a socket', async () => {
    home = join(home, 'h'.repeat(100), 'h'.repeat(100));
    mkdirSync(home, { recursive: true });
    const host = await start();
    assert.ok(host && Buffer.byteLength(host.record.endpoint) <= 103);
    assert.equal(statSync(join(host.record.endpoint, '..')).mode & 0o777, 0o700);
  });

  it('stops when it has no work and no client', async () => {
    const host = await start({ idleExitMs: 20 });
    await host?.closed;
    assert.ok(!existsSync(homeFiles(home).record));
  });

  it('stays while a client is connected, and stops after that', async () => {
    const host = await start({ idleExitMs });
    const agent = new Agent({ keepAlive: true });
    const askAgain = (): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const { endpoint, token } = host!.record;
        const headers = { authorization: `Bearer ${token}` };
        const outgoing = request({ socketPath: endpoint, path: '/v1/host', agent, headers }, (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode));
        });
        outgoing.on('error', reject);
        outgoing.end();
      });
    assert.equal(await askAgain(), 200);
    let isClosed = false;
    void host!.closed.then(() => (isClosed = true));
    await delay(2 * idleExitMs);
    assert.equal(isClosed, false);
    assert.equal(await askAgain(), 200);
    agent.destroy();
    await host!.closed;
  });

  it('stays while a job runs', async () => {
    const host = await start({ idleExitMs });
    const body = JSON.stringify({ argv: ['sh', '-c', 'while ! [ -e done ]; do sleep 0.01; done'], cwd: home });
    assert.equal((await ask(host!.record, 'POST', '/v1/jobs', { body })).status, 201);
    await delay(2 * idleExitMs);
    assert.ok(existsSync(homeFiles(home).record));
    writeFileSync(join(home, 'done'), '');
    await host!.closed;
  });
});

describe('a job host that is asked to stop', () => {
  const host = useInProcessHost();

  it('answers first', async () => {
    const { status, body } = await host.ask('POST', '/v1/host/stop');
    assert.deepEqual([status, JSON.parse(body)], [202, { stopping: true }]);
    await host.host.closed;
  });

  it('ends streams and waits with an error, and leaves the jobs running', async () => {
    const { job } = await host.client.startJob({ argv: ['sh', '-c', 'echo hello; exec sleep 60'], cwd: '/' });
    const wait = host.refused('GET', `/v1/jobs/${job.id}/wait`);
    const events = await host.open('GET', '/v1/events');
    const follow = await host.open('GET', `/v1/jobs/${job.id}/output?follow=true`);
    await host.ask('POST', '/v1/host/stop');
    assert.deepEqual((await wait).code, 'host_stopping');
    assert.match(await textOf(events), /event: error\ndata: .*host_stopping/);
    assert.match(await textOf(follow), /hello.*\n{"error":{"code":"host_stopping"/);
    await host.host.closed;
    process.kill(job.pid ?? 0, 0);
    process.kill(job.pid ?? 0, 'SIGKILL');
  });
});

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of answer as AsyncIterable<Buffer>) text += part.toString();
  return text;
}
