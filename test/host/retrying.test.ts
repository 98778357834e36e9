import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { readFileSync, writeFileSync } from 'node:fs';
import { freePort } from '../../scripts/editor/freePort.ts';
import type { ApiClient } from '../../src/client/apiClient.ts';
import type { JobEvent } from '../../src/api/events.ts';
import type { Job } from '../../src/api/job.ts';
import { bundledCli } from '../helpers/bundle.ts';
import { useHostHome } from '../helpers/jobHost.ts';
import { until } from '../helpers/until.ts';

const httpServer = join(import.meta.dirname, '..', '..', 'node_modules', 'http-server', 'bin', 'http-server');
const soon = { delayMs: 10, jitter: 0 };

describe('jobs that are started again by themselves', () => {
  const home = useHostHome();
  const connect = async (): Promise<ApiClient> =>
    home.connect({ script: join(dirname(await bundledCli()), 'host.js') });
  const sh = (script: string): { argv: string[]; cwd: string } => ({ argv: ['sh', '-c', script], cwd: home.path });
  const eventsOf = async (client: ApiClient, { id }: Job, type: JobEvent['type']): Promise<JobEvent[]> => {
    const { events } = await client.getEvents({ since: 0, job: id, limit: 1000 });
    return events.filter((event) => event.type === type);
  };
  const runs = (client: ApiClient, { id }: Job, number: number): Promise<Job> =>
    until(`run ${number} of ${id} is running`, async () => {
      const job = await client.getJob(id);
      return job.run === number && job.status === 'running' && job.pid !== null ? job : undefined;
    });

  it('a script that fails by chance is tried again until it succeeds, each attempt with its own log', async () => {
    const client = await connect();
    const script = 'echo x >>tries; n=$(wc -l <tries | tr -d " "); echo "attempt $n"; [ "$n" -ge 4 ]';
    const { job } = await client.startJob({ ...sh(script), retry: { maxAttempts: 9, ...soon } });
    const ended = (await client.waitForJob(job.id)).job;
    assert.deepEqual([ended.status, ended.attempt, ended.gaveUp, ended.dueAt], ['completed', 4, false, null]);
    assert.deepEqual(
      ended.runs.map(({ number, status, exitCode }) => [number, status, exitCode]),
      [
        [1, 'failed', 1],
        [2, 'failed', 1],
        [3, 'failed', 1],
        [4, 'completed', 0],
      ],
    );
    for (const { number, logs } of ended.runs) {
      assert.equal(readFileSync(logs.stdout, 'utf8'), `attempt ${number}\n`);
      const { chunks } = await client.getOutput(job.id, { run: number });
      assert.equal(chunks.map(({ text }) => text).join(''), `attempt ${number}\n`);
    }
    assert.deepEqual(await eventsOf(client, job, 'gave_up'), []);
  });

  it('a wait for the end waits for the last attempt', async () => {
    const client = await connect();
    const retry = { maxAttempts: 3, delayMs: 200, jitter: 0 };
    const { job } = await client.startJob({ ...sh('exit 3'), retry });
    const { timedOut, job: ended } = await client.waitForJob(job.id);
    assert.deepEqual([timedOut, ended.status, ended.gaveUp, ended.runs.length], [false, 'failed', true, 3]);
    const [begun, next] = ended.runs.slice(1).map(({ startedAt }) => Date.parse(startedAt ?? ''));
    assert.ok(next! - begun! >= 400, 'the second delay is twice the first');
  });

  it('the next attempt comes at its time though the host is killed meanwhile', async () => {
    const client = await connect();
    const retry = { maxAttempts: 2, delayMs: 1500, jitter: 0 };
    const { job } = await client.startJob({ ...sh('echo x >>tries; [ -e go ]'), retry });
    const waiting = await until('it waits for its next attempt', async () => {
      const now = await client.getJob(job.id);
      return now.status === 'pending' && now.run === 1 ? now : undefined;
    });
    assert.deepEqual(waiting.waitingFor, { type: 'retry', until: waiting.dueAt, attempt: 2, maxAttempts: 2 });
    writeFileSync(join(home.path, 'go'), '');
    await home.killHost();
    const ended = (await client.waitForJob(job.id)).job;
    assert.deepEqual([ended.status, ended.attempt, ended.runs.length], ['completed', 2, 2]);
    assert.ok((ended.runs[1]?.startedAt ?? '') >= (waiting.dueAt ?? ''));
    assert.equal(readFileSync(join(home.path, 'tries'), 'utf8'), 'x\nx\n');
  });

  it('the next attempt comes at once when it is released', async () => {
    const client = await connect();
    const { job } = await client.startJob({
      ...sh('exit 3'),
      retry: { maxAttempts: 2, delayMs: 3_600_000, maxDelayMs: 3_600_000 },
    });
    await until('it waits for its next attempt', async () =>
      (await client.getJob(job.id)).waitingFor?.type === 'retry' ? true : undefined,
    );
    await client.releaseJob(job.id);
    const ended = (await client.waitForJob(job.id)).job;
    assert.deepEqual([ended.attempt, ended.runs.length, ended.gaveUp, ended.dueAt], [2, 2, true, null]);
  });

  it('a server is restarted whoever ends it, except after a kill by the user', async () => {
    const client = await connect();
    const argv = [process.execPath, httpServer, '-p', String(await freePort()), '-a', '127.0.0.1'];
    const restart = { policy: 'always', maxRestarts: 10, ...soon } as const;
    const { job } = await client.startJob({ argv, cwd: home.path, restart });
    const first = await runs(client, job, 1);
    process.kill(first.pid!, 'SIGKILL');
    const second = await runs(client, job, 2);
    assert.deepEqual([second.runs[0]?.signal, second.runs[0]?.reason], ['SIGKILL', 'signal']);
    process.kill(second.pid!, 'SIGTERM');
    await runs(client, job, 3);
    const { job: killed } = await client.killJob(job.id);
    assert.deepEqual([killed.status, killed.runs.length, killed.gaveUp], ['killed', 3, false]);
  });

  for (const policy of ['always', 'on-failure'] as const) {
    it(`a server that dies again and again is given up under ${policy}: its record and an event say so`, async () => {
      const client = await connect();
      const restart = { policy, maxRestarts: 2, ...soon };
      const { job } = await client.startJob({ ...sh(policy === 'always' ? 'exit 0' : 'exit 7'), restart });
      const gaveUp = await until('it is given up', async () => {
        const now = await client.getJob(job.id);
        return now.gaveUp ? now : undefined;
      });
      const status = policy === 'always' ? 'completed' : 'failed';
      assert.deepEqual([gaveUp.status, gaveUp.attempt, gaveUp.runs.length], [status, 3, 3]);
      const told = await eventsOf(client, job, 'gave_up');
      assert.deepEqual(
        told.map(({ run, text }) => [run, text]),
        [[3, 'after 3 attempts']],
      );
      // Started again by somebody, it has all its attempts again.
      await client.restartJob(job.id);
      const again = await until('it is given up again', async () => {
        const now = await client.getJob(job.id);
        return now.gaveUp && now.runs.length === 6 ? now : undefined;
      });
      assert.equal(again.attempt, 3);
    });
  }

  it('a test run waits until the server that it needs is ready', async () => {
    const client = await connect();
    writeFileSync(join(home.path, 'index.html'), 'served');
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const argv = [process.execPath, httpServer, '-p', String(port), '-a', '127.0.0.1'];
    const { job: server } = await client.startJob({ argv, cwd: home.path, readyWhen: { url }, held: true });
    const test = `fetch('${url}').then((page) => page.text()).then((text) => console.log(text))`;
    const { job: tests } = await client.startJob({
      argv: [process.execPath, '-e', test],
      cwd: home.path,
      dependsOn: [{ job: server.id, condition: 'ready' }],
    });
    assert.deepEqual(tests.waitingFor, {
      type: 'dependency',
      jobs: [{ jobId: server.id, condition: 'ready', status: 'held' }],
    });
    await client.releaseJob(server.id);
    const ended = (await client.waitForJob(tests.id)).job;
    assert.deepEqual([ended.status, readFileSync(ended.runs[0]!.logs.stdout, 'utf8')], ['completed', 'served\n']);
    await client.killJob(server.id);
  });
});
