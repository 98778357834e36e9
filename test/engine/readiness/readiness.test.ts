import assert from 'node:assert/strict';
import { statSync, utimesSync, writeFileSync } from 'node:fs';
import type { Job } from '../../../src/api/job.ts';
import type { StartRequest } from '../../../src/api/options.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';
import { freePort } from '../../../scripts/editor/freePort.ts';
import { serveHere } from '../../helpers/loopbackServer.ts';
import { until } from '../../helpers/until.ts';

type ReadyWhen = NonNullable<StartRequest['readyWhen']>;

/** Listens on the port with whatever answers every request with 200. */
const server = (port: number, host = '127.0.0.1', before = ''): string[] => [
  process.execPath,
  '-e',
  `${before}; require('node:http').createServer((q, r) => r.end('ok')).listen(${port}, '${host}')`,
];

async function decided(test: EngineFixture, { id }: Job): Promise<Job> {
  const { timedOut, job } = await test.engine.waitForJob(id, { for: 'ready', timeoutMs: 60_000 });
  assert.ok(!timedOut);
  return job;
}

function lastEvent(test: EngineFixture, job: Job, type: string): string | null | undefined {
  return test.events(job).findLast((event) => event.type === type)?.text;
}

describe('a job is ready', () => {
  it('when a line of its output matches, and the address in it is where to look', async () => {
    await using test = await EngineFixture.open();
    const readyWhen: ReadyWhen = { pattern: 'Local: +http' };
    const script =
      'echo starting; until [ -e go ]; do sleep 0.02; done; echo "  Local:  http://0.0.0.0:5173/x."; sleep 60';
    const job = await test.up(`echo up; ${script}`, { readyWhen });
    assert.deepEqual([job.ready, job.readyText, job.url], [false, null, null]);
    writeFileSync(test.path('go'), '');
    const ready = await decided(test, job);
    assert.deepEqual([ready.ready, ready.url], [true, 'http://localhost:5173/x']);
    assert.equal(ready.readyText, 'Local:  http://0.0.0.0:5173/x.');
    assert.equal(lastEvent(test, job, 'ready'), ready.readyText);
  });

  it('at a prompt without a newline', async () => {
    await using test = await EngineFixture.open();
    const job = await test.sh('printf "ready> "; sleep 60', { readyWhen: { pattern: '^ready> $' } });
    assert.deepEqual([(await decided(test, job)).ready, (await test.engine.getJob(job.id)).url], [true, null]);
  });

  it('when its port is open, on either address of localhost', async () => {
    await using test = await EngineFixture.open();
    for (const host of ['127.0.0.1', '::1']) {
      const port = await freePort();
      const job = await test.start({ argv: server(port, host), readyWhen: { port } });
      const ready = await decided(test, job);
      assert.deepEqual([ready.ready, ready.url], [true, `http://localhost:${port}`], host);
      assert.equal(ready.readyText, `localhost:${port} accepts connections`);
    }
  });

  it('when its address answers', async () => {
    await using test = await EngineFixture.open();
    const port = await freePort();
    const url = `http://localhost:${port}/health`;
    const ready = await decided(test, await test.start({ argv: server(port, '::1'), readyWhen: { url } }));
    assert.deepEqual([ready.ready, ready.url, ready.readyText], [true, url, `${url} answers 200`]);
  });

  it('also by what came after its start and is not its own, as the port of a container is', async () => {
    await using test = await EngineFixture.open();
    const port = await freePort();
    const job = await test.up('echo up; exec sleep 60', { readyWhen: { port, host: '127.0.0.1' } });
    assert.equal(job.ready, false);
    await using outside = await serveHere(undefined, { port });
    assert.equal((await decided(test, job)).ready, true);
    assert.ok(outside);
  });

  it('when its file is there, in its own folder', async () => {
    await using test = await EngineFixture.open();
    const job = await test.sh('sleep 0.1; touch up; sleep 60', { readyWhen: { file: 'up' } });
    assert.equal(job.ready, false);
    const ready = await decided(test, job);
    assert.deepEqual([ready.ready, ready.readyText, ready.url], [true, `${test.path('up')} exists`, null]);
  });

  it('not by a file that was there before, until that is changed', async () => {
    await using test = await EngineFixture.open();
    writeFileSync(test.path('up'), 'of the last run');
    const changed = statSync(test.path('up')).ctimeMs;
    await until('time has gone on', () => (Date.now() - changed > 100 ? true : undefined));
    utimesSync(test.path('up'), new Date(), new Date(Date.now() + 3_600_000));
    await until('time has gone on', () => (Date.now() - statSync(test.path('up')).ctimeMs > 100 ? true : undefined));
    const job = await test.sh('while [ ! -e go ]; do sleep 0.02; done; echo x >> up; sleep 60', {
      readyWhen: { file: 'up' },
    });
    const text = `${test.path('up')} was there before, and has not changed since`;
    await until('it is told', async () => ((await test.engine.getJob(job.id)).readyText === text ? true : undefined));
    assert.equal((await test.engine.getJob(job.id)).ready, false);
    writeFileSync(test.path('go'), '');
    const ready = await decided(test, job);
    assert.deepEqual([ready.ready, ready.readyText], [true, `${test.path('up')} exists`]);
  });

  it('also when it ends at once after that, and stays so', async () => {
    await using test = await EngineFixture.open();
    for (let round = 0; round < 5; round++) {
      const jobs = [
        await test.sh('echo ready; exit 3', { readyWhen: { pattern: 'ready' } }),
        await test.sh(`touch file${round}; exit 3`, { readyWhen: { file: `file${round}` } }),
      ];
      for (const job of jobs)
        assert.deepEqual([(await test.ended(job)).ready, job.options.readyWhen !== null], [true, true]);
    }
  });

  it('or nothing is said of it', async () => {
    await using test = await EngineFixture.open();
    const job = await test.start();
    assert.equal(job.ready, null);
    await assert.rejects(test.engine.waitForJob(job.id, { for: 'ready' }), failure('invalid_request', /readyWhen/));
  });
});

describe('a job is not ready', () => {
  it('and not started, when there cannot be such a host or file', async () => {
    await using test = await EngineFixture.open();
    const never: [ReadyWhen, RegExp][] = [
      [{ port: 80, host: 'a\0b' }, /readyWhen\.host: must be the name or address of a host/],
      [{ port: 80, host: 'http://localhost' }, /readyWhen\.host: must be the name/],
      [{ file: 'a\0b' }, /readyWhen\.file: must not contain a NUL byte/],
    ];
    for (const [readyWhen, message] of never) {
      await assert.rejects(test.start({ readyWhen }), failure('invalid_request', message));
    }
  });

  it('when it ends without: who waits for it is told', async () => {
    await using test = await EngineFixture.open();
    const job = await test.sh('read line; echo other; exit 4', {
      readyWhen: { pattern: 'ready' },
      stdin: { type: 'pipe' },
    });
    const waiting = decided(test, job);
    await test.engine.sendInput(job.id, { eof: true });
    const ended = await waiting;
    assert.deepEqual([ended.status, ended.exitCode, ended.ready], ['failed', 4, false]);
    assert.equal(lastEvent(test, job, 'not_ready'), undefined);
  });

  it('in time, and runs on', async () => {
    await using test = await EngineFixture.open();
    const job = await test.sh('sleep 60', { readyWhen: { pattern: 'ready', timeoutMs: 100 } });
    const late = await decided(test, job);
    assert.deepEqual([late.status, late.ready, late.readyText], ['running', false, 'not ready within 0.1 s']);
    assert.equal(lastEvent(test, job, 'not_ready'), late.readyText);
  });

  it('in time, and is ended, when that was asked for', async () => {
    await using test = await EngineFixture.open();
    const readyWhen: ReadyWhen = { file: 'never', timeoutMs: 100, ifNotReady: 'stop' };
    const ended = await test.ended(await test.sh('sleep 60', { readyWhen }));
    assert.deepEqual([ended.status, ended.reason, ended.ready], ['timed_out', 'not_ready', false]);
    assert.equal(lastEvent(test, ended, 'not_ready'), 'not ready within 0.1 s');
  });

  it('in time, and is ended and tried again: who waits for it, or needs it, waits on', async () => {
    await using test = await EngineFixture.open();
    const readyWhen: ReadyWhen = { pattern: 'ready', timeoutMs: 500, ifNotReady: 'stop' };
    const script = '[ -e tried ] && echo ready; touch tried; while :; do sleep 0.05; done';
    const job = await test.sh(script, { readyWhen, retry: { maxAttempts: 100, delayMs: 0 } });
    const dependent = await test.start({ dependsOn: [{ job: job.id, condition: 'ready' }] });
    assert.equal((await decided(test, job)).ready, true);
    assert.equal((await test.ended(dependent)).status, 'completed');
  });

  it('any more when it is killed before', async () => {
    await using test = await EngineFixture.open();
    const readyWhen: ReadyWhen = { pattern: 'bye', timeoutMs: 60_000 };
    const job = await test.up('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done', { readyWhen });
    const { job: killed } = await test.engine.killJob(job.id);
    assert.deepEqual([killed.status, killed.ready], ['killed', false]);
  });

  it('when somebody else answers on its port: that is said, until the job has it', async () => {
    await using test = await EngineFixture.open();
    await using stranger = await serveHere();
    const { port } = stranger;
    const url = `http://127.0.0.1:${port}/`;
    const argv = ['sh', '-c', 'until [ -e go ]; do sleep 0.02; done; exec "$@"', 'sh', ...server(port)];
    const job = await test.start({ argv, readyWhen: { url } });
    const readyText = await until('it is said', async () => (await test.engine.getJob(job.id)).readyText ?? undefined);
    const text = `port ${port} is not the job's: process ${process.pid} \\(.*\\) has had it since before this run`;
    assert.match(readyText, new RegExp(`^${text}$`));
    assert.equal((await test.engine.getJob(job.id)).ready, false);
    await stranger.close();
    writeFileSync(test.path('go'), '');
    const ready = await decided(test, job);
    assert.deepEqual([ready.ready, ready.readyText], [true, `${url} answers 200`]);
  });
});
