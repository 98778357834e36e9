import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, clientOf } from '../../../src/client/apiClient.ts';
import { Connection } from '../../../src/client/connection.ts';
import type { HostRecord } from '../../../src/dataDir/dataDir.ts';
import type { JobService } from '../../../src/api/endpoints.ts';
import { BgJobsError } from '../../../src/api/errors.ts';
import { useHostHome } from '../../helpers/jobHost.ts';

describe('the client of a host', () => {
  const home = useHostHome();

  it('implements every method of JobService', async () => {
    const service: JobService = await home.connect();
    const { job, created } = await service.startJob({
      argv: ['sh', '-c', 'while read x; do echo "got $x"; done'],
      cwd: home.path,
      name: 'echo',
      tags: { of: 'test' },
      stdin: { type: 'pipe' },
      idempotencyKey: 'a/b?c',
    });
    assert.equal(created, true);
    assert.equal((await service.startJob({ argv: ['x'], cwd: '/', idempotencyKey: 'a/b?c' })).created, false);
    assert.deepEqual(
      (await service.listJobs({ tag: 'of=test', limit: 1 })).jobs.map(({ id }) => id),
      [job.id],
    );
    assert.equal((await service.pauseJob(job.shortId)).status, 'paused');
    assert.equal((await service.resumeJob(job.shortId)).status, 'running');
    await service.sendInput(job.id, { text: 'ünï\n' });
    assert.equal((await service.waitForJob(job.id, { for: '/got/', timeoutMs: 30_000 })).match, 'got ünï');
    assert.equal((await service.waitForJob(job.id, { timeoutMs: 1 })).timedOut, true);
    assert.equal((await service.getOutput(job.id, { tail: 1 })).chunks[0]?.text, 'got ünï\n');
    assert.equal((await service.updateJob(job.id, { pinned: true })).pinned, true);
    assert.equal((await service.getMetrics()).runningJobs, 1);
    const { next } = await service.getEvents();
    assert.equal((await service.restartJob(job.id)).run, 2);
    const { events, more } = await service.getEvents({ since: next, job: job.shortId, limit: 1 });
    assert.deepEqual([events.length, events[0]?.to, more], [1, 'stopping', true]);
    assert.equal((await service.getRun(`${job.id}.1`)).status, 'killed');
    assert.equal((await service.killJob(job.id)).result, 'killed');
    assert.deepEqual(await service.killJobs({ all: true }), { results: [] });
    assert.deepEqual(await service.cleanUp({ dryRun: true, olderThanMs: 0 }), { cleaned: 0, remaining: 1 });
    assert.equal((await service.updateHost({ maxConcurrentJobs: 3 })).limits.maxConcurrentJobs, 3);
    const held = (await service.startJob({ argv: ['true'], cwd: '/', held: true })).job;
    assert.notEqual((await service.releaseJob(held.id)).status, 'held');
    await service.waitForJob(held.id);
    assert.equal((await service.removeJob(held.id)).id, held.id);
  });

  it('fails with the error of the host', async () => {
    const client = await home.connect();
    await assert.rejects(
      client.getJob('nowhere'),
      (error: BgJobsError) => error instanceof BgJobsError && error.code === 'job_not_found',
    );
    await assert.rejects(client.killJob('../../x'), { code: 'job_not_found' });
    const { job } = await client.startJob({ argv: ['true'], cwd: '/', held: true });
    await assert.rejects(client.killJob(job.id, { signal: 'BOGUS' }), { code: 'unknown_signal' });
    await assert.rejects(client.startJob({ argv: ['true'], cwd: '/missing' }), { code: 'cwd_not_found' });
  });

  it('continues with a new host when the old one was killed', async () => {
    const client = await home.connect();
    const { job } = await client.startJob({ argv: ['sleep', '60'], cwd: '/' });
    const { pid } = home.record();
    await home.killHost();
    assert.equal((await client.getJob(job.id)).status, 'running');
    assert.notEqual((await client.getHost()).pid, pid);
    await home.killHost();
    assert.equal((await client.killJob(job.id)).result, 'killed');
    await home.killHost();
    const all = await Promise.all([
      client.startJob({ argv: ['true'], cwd: '/' }),
      client.getMetrics(),
      client.listJobs(),
    ]);
    assert.equal(all[0].created, true);
  });

  it('starts a job exactly once when the host is killed before it reads the request', async () => {
    const client = await home.connect();
    const { pid } = home.record();
    process.kill(pid, 'SIGSTOP');
    const starting = client.startJob({ argv: ['true'], cwd: '/', held: true });
    // Sent, but nobody reads it: written within this turn of the event loop.
    await new Promise(setImmediate);
    await home.killHost();
    assert.equal((await starting).created, true);
    assert.equal((await client.listJobs()).total, 1);
  });

  it('continues with a new host when the old one was told to stop', async () => {
    const client = await home.connect();
    await client.stopHost();
    assert.equal((await client.startJob({ argv: ['true'], cwd: '/', held: true })).created, true);
    assert.equal((await client.listJobs()).total, 1);
  });

  it('continues to wait when the host is killed meanwhile', async () => {
    const client = await home.connect();
    const { job } = await client.startJob({ argv: ['sh', '-c', 'read x; exit 7'], cwd: '/', stdin: { type: 'pipe' } });
    const waiting = client.waitForJob(job.id);
    await home.killHost();
    await client.sendInput(job.id, { text: '\n' });
    assert.equal((await waiting).job.exitCode, 7);
  });

  it('ends a wait that is aborted, with the reason', async () => {
    const client = await home.connect();
    const { job } = await client.startJob({ argv: ['sleep', '60'], cwd: '/' });
    const abort = new AbortController();
    const waiting = client.waitForJob(job.id, {}, abort.signal);
    abort.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    assert.equal((await client.getJob(job.id)).status, 'running');
  });

  it('rejects every pending call when it is disposed', async () => {
    const client = await home.connect();
    const { job } = await client.startJob({ argv: ['sh', '-c', 'echo x; exec sleep 60'], cwd: '/' });
    const events = client.events({ since: 0 }, new AbortController().signal);
    await events.next();
    const chunks = client.followOutput(job.id, {}, new AbortController().signal)[Symbol.asyncIterator]();
    await chunks.next();
    const pending = [client.waitForJob(job.id), client.getHost(), drain(events), drain(chunks)];
    client.dispose();
    for (const each of await Promise.allSettled(pending)) {
      assert.ok(each.status === 'rejected' && /disposed/.test((each.reason as BgJobsError).message));
      assert.equal((each.reason as BgJobsError).code, 'host_unreachable');
    }
    await assert.rejects(client.getHost(), { code: 'host_unreachable', message: /disposed/ });
  });
});

async function drain(iterator: AsyncIterator<unknown>): Promise<void> {
  while (!(await iterator.next()).done);
}

describe('a request whose connection fails', () => {
  let folder = '';
  let server: Server;
  let client: ApiClient;
  let finds = 0;
  let seen: string[] = [];

  /** A host that loses its connections in a way of the test's choice. */
  async function serve(listener: RequestListener): Promise<void> {
    const endpoint = join(folder, 'host.sock');
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(endpoint, resolve));
    const record = { endpoint, token: 'x', pid: 1, version: '1', protocol: 1, startedAt: '' };
    client = clientOf(new Connection(() => Promise.resolve({ ...record, token: `${finds++}` })));
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bj-'));
    [finds, seen] = [0, []];
  });
  afterEach(async () => {
    client.dispose();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  it('is repeated once when it only reads', async () => {
    await serve((request) => request.socket.destroy());
    await assert.rejects(client.getMetrics(), { code: 'host_unreachable' });
    assert.deepEqual([seen.length, finds], [2, 2]);
  });

  it('is never repeated when it may have started a job', async () => {
    await serve((request) => request.socket.destroy());
    await assert.rejects(client.startJob({ argv: ['true'], cwd: '/' }), {
      code: 'host_unreachable',
      message: /may have been carried out/,
    });
    await assert.rejects(client.killJob('x'), { code: 'host_unreachable' });
    assert.deepEqual(seen, ['POST /v1/jobs', 'POST /v1/jobs/x/kill']);
  });

  it('is repeated when a key makes a second start harmless', async () => {
    await serve((request) => request.socket.destroy());
    await assert.rejects(client.startJob({ argv: ['true'], cwd: '/', idempotencyKey: 'k' }), {
      code: 'host_unreachable',
    });
    assert.equal(seen.length, 2);
  });

  it('is repeated when the host has a new token or was stopping', async () => {
    const refusals = [
      new BgJobsError('unauthorized', 'no'),
      new BgJobsError('host_stopping', 'bye', { processed: false }),
    ];
    await serve((_request, response) => {
      const refusal = refusals.shift();
      response.writeHead(refusal?.httpStatus ?? 201).end(JSON.stringify(refusal?.toBody() ?? { id: 'x' }));
    });
    await assert.rejects(client.startJob({ argv: ['true'], cwd: '/' }), { code: 'host_stopping' });
    assert.equal((await client.startJob({ argv: ['true'], cwd: '/' })).created, true);
    assert.equal(seen.length, 3);
  });

  it('reports an answer that was cut off', async () => {
    await serve((request, response) => {
      response.writeHead(201, { 'content-length': 100 });
      response.write('{"id"');
      setImmediate(() => request.socket.destroy());
    });
    await assert.rejects(client.startJob({ argv: ['true'], cwd: '/' }), { code: 'host_unreachable' });
    assert.equal(seen.length, 1);
  });

  it('reports an answer that is not from a host', async () => {
    await serve((_request, response) => response.writeHead(418).end('teapot'));
    await assert.rejects(client.getMetrics(), { code: 'internal', message: /418.*teapot/ });
  });
});

describe('a connection', () => {
  const host: HostRecord = { endpoint: '/x', token: 'x', pid: 1, version: '1', protocol: 1, startedAt: '' };

  it('looks for the host once, however many ask', async () => {
    let finds = 0;
    const connection = new Connection(() => {
      finds++;
      return new Promise((resolve) => setImmediate(() => resolve(host)));
    });
    await Promise.all([connection.open(), connection.open(), connection.open()]);
    assert.equal(finds, 1);
  });

  it('starts a host on request although another caller searches without starting one', async () => {
    const answers = Promise.withResolvers<HostRecord>();
    const connection = new Connection((_agent, start) => (start === false ? answers.promise : Promise.resolve(host)));
    const looking = connection.open(false);
    assert.equal((await connection.open()).endpoint, '/x');
    answers.reject(new Error('No job host is running.'));
    await assert.rejects(looking, /No job host/);
  });
});
