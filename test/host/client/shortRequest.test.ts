import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createClient, type ApiClient } from '../../../src/client/apiClient.ts';
import { homeFiles } from '../../../src/dataDir/dataDir.ts';
import { useHostHome } from '../../helpers/jobHost.ts';

describe('a client that trusts the record of the host', () => {
  const home = useHostHome();

  async function use<T>(work: (client: ApiClient) => Promise<T>, start = true): Promise<T> {
    const client = createClient({ ...home.options(), start, trustRecord: true });
    try {
      return await work(client);
    } finally {
      client.dispose();
    }
  }
  const startOne = (client: ApiClient) => client.startJob({ argv: ['true'], cwd: '/', name: 'größe', held: true });

  it('gets the answers and the failures of the host, whatever their length', async () => {
    await home.connect();
    await use(async (client) => {
      const { job, created } = await startOne(client);
      assert.deepEqual([job.name, created], ['größe', true]);
      await Promise.all(Array.from({ length: 200 }, () => startOne(client)));
      assert.equal((await client.listJobs({ limit: 1000 })).jobs.length, 201);
      await assert.rejects(client.getJob('0000'), { code: 'job_not_found' });
      await assert.rejects(client.startJob({ argv: ['true'], cwd: '/missing' }), { code: 'cwd_not_found' });
    });
  });

  it('finds the next host, or starts it, when the recorded one has gone, and does everything once', async () => {
    await home.connect();
    await home.killHost();
    assert.equal((await use(startOne)).created, true);
    const { pid } = home.record();
    process.kill(pid, 'SIGSTOP');
    const starting = use(startOne);
    // Sent, but nobody reads it.
    await new Promise(setImmediate);
    await home.killHost();
    assert.equal((await starting).created, true);
    assert.equal((await use((client) => client.listJobs())).total, 2);
  });

  it('starts none when it is not allowed to', async () => {
    await home.connect();
    await home.killHost();
    await assert.rejects(
      use((client) => client.listJobs(), false),
      { code: 'host_unreachable' },
    );
    assert.deepEqual(home.processes(), []);
  });

  it('says so when the host hangs, but waits for a host that is only slow', async () => {
    const other = await home.connect();
    const { job } = await other.startJob({ argv: ['sleep', '2'], cwd: '/' });
    assert.equal((await use((client) => client.waitForJob(job.id))).job.status, 'completed');
    const { pid } = home.record();
    process.kill(pid, 'SIGSTOP');
    await assert.rejects(
      use((client) => client.listJobs()),
      /does not answer/,
    );
    process.kill(pid, 'SIGCONT');
  });

  it('takes no answer for whole that was cut off', async () => {
    await home.connect();
    const path = homeFiles(home.path).record;
    const record = readFileSync(path, 'utf8');
    const endpoint = join(home.path, 'cut.sock');
    const server = createServer((socket) => {
      socket.on('error', () => undefined).resume();
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{"jobs": []');
    });
    await new Promise<void>((resolve) => server.listen(endpoint, resolve));
    try {
      writeFileSync(path, JSON.stringify({ ...(JSON.parse(record) as object), endpoint }));
      await assert.rejects(use(startOne, false), /connection to the job host was lost/);
    } finally {
      writeFileSync(path, record);
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('rejects what is under way when it is disposed', async () => {
    const other = await home.connect();
    const { job } = await other.startJob({ argv: ['sleep', '60'], cwd: '/' });
    const client = createClient({ ...home.options(), start: true, trustRecord: true });
    await client.getHost();
    const waiting = client.waitForJob(job.id);
    await new Promise(setImmediate);
    client.dispose();
    await assert.rejects(waiting, { code: 'host_unreachable' });
  });
});
