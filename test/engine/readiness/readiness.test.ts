import assert from 'node:assert/strict';
import { statSync, utimesSync, writeFileSync } from 'node:fs';
import type { Job } from '../../../src/api/job.ts';
import type { StartRequest } from '../../../src/api/options.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';
import { decided, node, server } from '../../helpers/engine/servers.ts';
import { freePort } from '../../../scripts/editor/freePort.ts';
import { serveHere } from '../../helpers/loopbackServer.ts';
import { until } from '../../helpers/until.ts';
import { usualPort } from '../../helpers/usualPort.ts';

type ReadyWhen = NonNullable<StartRequest['readyWhen']>;

function lastEvent(test: EngineFixture, job: Job, type: string): string | null | undefined {
  return test.events(job).findLast((event) => event.type === type)?.text;
}

describe('a job is ready', () => {
  it('when a line of its output matches and the address in it accepts connections', async () => {
    await using test = await EngineFixture.open();
    const port = await freePort();
    const readyWhen: ReadyWhen = { pattern: 'Local: +http' };
    const script = `console.log('  Local:  http://0.0.0.0:${port}/x.'); go().then(() => serve(${port}))`;
    const job = await test.start({ argv: node(script), readyWhen });
    const readyText = `nothing listens at localhost:${port}, which the output names`;
    await until('it is said', async () =>
      (await test.engine.getJob(job.id)).readyText === readyText ? true : undefined,
    );
    assert.deepEqual([job.ready, job.readyText, job.url], [false, null, null]);
    writeFileSync(test.path('go'), '');
    const ready = await decided(test, job);
    assert.deepEqual([ready.ready, ready.url], [true, `http://localhost:${port}/x`]);
    assert.equal(ready.readyText, `Local:  http://0.0.0.0:${port}/x.`);
    assert.equal(lastEvent(test, job, 'ready'), ready.readyText);
  });

  it('by a line without an address, which leaves the address to be found', async () => {
    await using test = await EngineFixture.open();
    const port = await usualPort();
    const script = `serve(${port}, 404).on('listening', () => console.log('Example app listening on port ${port}'))`;
    const ready = await decided(
      test,
      await test.start({ argv: node(script), readyWhen: { pattern: '/LISTENING on/i' } }),
    );
    assert.deepEqual(
      [ready.readyText, ready.url],
      [`Example app listening on port ${port}`, `http://localhost:${port}`],
    );
  });

  it('before its first page is built, after which its URL is known', async () => {
    await using test = await EngineFixture.open();
    const port = await freePort();
    const script = `http.createServer((q, r) => go().then(() => r.end())).listen(${port})`;
    const ready = await decided(test, await test.start({ argv: node(script), readyWhen: { port } }));
    assert.deepEqual([ready.ready, ready.url], [true, null]);
    writeFileSync(test.path('go'), '');
    const url = await until('it is known', async () => (await test.engine.getJob(ready.id)).url ?? undefined);
    assert.equal(url, `http://localhost:${port}`);
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

  it('also when it completes at once after that, and stays so, but not when it fails', async () => {
    await using test = await EngineFixture.open();
    for (const exitCode of [0, 3]) {
      const jobs = [
        await test.sh(`echo ready; exit ${exitCode}`, { readyWhen: { pattern: 'ready' } }),
        await test.sh(`touch file${exitCode}; exit ${exitCode}`, { readyWhen: { file: `file${exitCode}` } }),
      ];
      for (const job of jobs) {
        // One that fails may have been seen as ready before that.
        const { ready, readyText } = exitCode === 0 ? await decided(test, job) : await test.ended(job);
        assert.deepEqual([ready, readyText !== null], [exitCode === 0, exitCode === 0]);
        if (exitCode === 0) assert.ok(lastEvent(test, job, 'ready'));
      }
    }
  });

  it('until it fails or is killed', async () => {
    await using test = await EngineFixture.open();
    const port = await freePort();
    const script = `serve(${port}); go().then(() => process.exit(5))`;
    const jobs = [
      await test.start({ argv: node(script), readyWhen: { port } }),
      await test.sh('echo ready; exec sleep 60', { readyWhen: { pattern: 'ready' } }),
    ] as const;
    for (const job of jobs) assert.equal((await decided(test, job)).ready, true);
    writeFileSync(test.path('go'), '');
    await test.engine.killJob(jobs[1].id);
    for (const job of jobs) {
      const { ready, readyText, url, status } = await test.ended(job);
      assert.deepEqual([ready, readyText, url], [false, null, null], status);
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

  it('when its port is taken, and it says so and fails', async () => {
    await using test = await EngineFixture.open();
    await using stranger = await serveHere();
    const { port } = stranger;
    const job = await test.start({ argv: node(`serve(${port})`), readyWhen: { pattern: '/ready/i' } });
    const ended = await decided(test, job);
    assert.deepEqual([ended.status, ended.ready, ended.url], ['failed', false, null]);
    assert.match(await test.text(job), /already in use/);
  });

  it('when it fails with a link in its message', async () => {
    await using test = await EngineFixture.open();
    const script = 'echo "see https://example.org/e or http://localhost/" >&2; sleep 0.2; exit 1';
    const ended = await decided(test, await test.sh(script, { readyWhen: { pattern: 'https?://' } }));
    assert.deepEqual([ended.status, ended.ready, ended.readyText, ended.url], ['failed', false, null, null]);
  });

  it('when it listens on another port, which is said', async () => {
    await using test = await EngineFixture.open();
    await using stranger = await serveHere();
    const [free, port] = [await freePort(), await freePort()];
    const jobs: [ReadyWhen, string][] = [
      [{ port: free }, `nothing listens at localhost:${free}; the job listens on port ${port}`],
      [{ port: stranger.port }, `has had it since before this run; the job listens on port ${port}`],
    ];
    for (const [readyWhen, text] of jobs) {
      const job = await test.start({ argv: server(port), readyWhen });
      const isSaid = async (): Promise<true | undefined> =>
        (await test.engine.getJob(job.id)).readyText?.endsWith(text) ? true : undefined;
      await until(text, isSaid);
      await test.engine.killJob(job.id);
    }
  });

  it('when it answers with an error, until it answers', async () => {
    await using test = await EngineFixture.open();
    const port = await freePort();
    const url = `http://localhost:${port}/x`;
    const script = `let status = 404;
      http.createServer((q, r) => r.writeHead(status).end()).listen(${port}); go().then(() => (status = 204))`;
    const job = await test.start({ argv: node(script), readyWhen: { url } });
    const isSaid = async (): Promise<true | undefined> =>
      (await test.engine.getJob(job.id)).readyText === `${url} answers 404` ? true : undefined;
    await until('it is said', isSaid);
    writeFileSync(test.path('go'), '');
    assert.equal((await decided(test, job)).readyText, `${url} answers 204`);
  });
});
