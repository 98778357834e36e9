import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { freePort } from '../../../scripts/editor/freePort.ts';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';
import { decided, node, server } from '../../helpers/engine/servers.ts';
import { serveHere } from '../../helpers/loopbackServer.ts';
import { until } from '../../helpers/until.ts';
import { usualPort } from '../../helpers/usualPort.ts';

describe('a job that is to listen is ready', () => {
  const readyWhen = 'listening';

  it('at the port of its server, not at those that it opens for itself before', async () => {
    await using test = await EngineFixture.open();
    const port = await usualPort();
    const script = `for (const each of [0, 0, 9229]) net.createServer().on('error', () => 0).listen(each, '127.0.0.1');
      setTimeout(() => serve(${port}), 1000)`;
    const ready = await decided(test, await test.start({ argv: node(script), readyWhen }));
    assert.deepEqual(
      [ready.ready, ready.readyText, ready.url],
      [true, `port ${port} accepts connections`, `http://localhost:${port}`],
    );
    assert.deepEqual(ready.options.readyWhen, { listening: true, timeoutMs: 300_000, ifNotReady: 'keep' });
  });

  it('at the port that its output names, by the address that stands there', async () => {
    await using test = await EngineFixture.open();
    const [one, other] = [await usualPort(), await freePort()];
    const script = `serve(${one}); serve(${other}).on('listening', () =>
      console.error('docs: https://example.org:${one}/ Local: http://127.0.0.1:${other}/app?token=x'))`;
    const ready = await decided(test, await test.start({ argv: node(script), readyWhen }));
    assert.deepEqual(
      [ready.readyText, ready.url],
      [`port ${other} accepts connections`, `http://127.0.0.1:${other}/app?token=x`],
    );
  });

  it('at any port that stays the only one, on whatever address', async () => {
    await using test = await EngineFixture.open();
    const places: [host: string, port: number][] = [['127.0.0.1', await freePort()]];
    for (const host of ['::1', '::', '0.0.0.0']) places.push([host, await usualPort()]);
    for (const [host, port] of places) {
      const ready = await decided(test, await test.start({ argv: server(port, host), readyWhen }));
      assert.equal(ready.url, `http://localhost:${port}`, host);
      await test.engine.killJob(ready.id);
    }
  });

  it('also by a process further down, without a URL if it does not speak HTTP', async () => {
    await using test = await EngineFixture.open();
    const port = await usualPort();
    const script = `net.createServer((socket) => socket.on('data', () => socket.end('-ERR unknown\\r\\n'))).listen(${port})`;
    const job = await test.start({ argv: ['sh', '-c', '"$@" & wait', 'sh', ...node(script)], readyWhen });
    const ready = await decided(test, job);
    assert.deepEqual([ready.readyText, ready.url], [`port ${port} accepts connections`, null]);
  });

  it('and not by the servers of others', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60', { readyWhen });
    const [port, other] = [await usualPort(), await usualPort()];
    await using stranger = await serveHere(undefined, { port });
    assert.equal((await decided(test, await test.start({ argv: server(other), readyWhen }))).ready, true);
    const readyText = 'the job does not listen on a port';
    await until('it is said', async () =>
      (await test.engine.getJob(job.id)).readyText === readyText ? true : undefined,
    );
    assert.ok(stranger);
  });

  it('at the end of its time at the latest, if it listens at all', async () => {
    await using test = await EngineFixture.open();
    const port = await freePort();
    const short = { listening: true, timeoutMs: 1500 } as const;
    const ready = await decided(test, await test.start({ argv: server(port), readyWhen: short }));
    assert.deepEqual([ready.ready, ready.readyText], [true, `port ${port} accepts connections`]);
  });

  it('and what Python holds back is explained', async function () {
    if (spawnSync('python3', ['--version']).status !== 0) return this.skip();
    await using test = await EngineFixture.open();
    const port = await usualPort();
    const argv = ['python3', '-m', 'http.server', String(port)];
    const ready = await decided(test, await test.start({ argv, env: { PYTHONUNBUFFERED: null }, readyWhen }));
    assert.equal(ready.url, `http://localhost:${port}`);
    assert.match(
      ready.readyText ?? '',
      /^port \d+ accepts connections; stdout is empty; .* PYTHONUNBUFFERED=1 prevents$/,
    );
    await test.engine.killJob(ready.id);
    const unbuffered = await test.start({ argv, env: { PYTHONUNBUFFERED: '1' }, readyWhen: { pattern: '^Serving' } });
    assert.match((await decided(test, unbuffered)).readyText ?? '', /^Serving HTTP on .*\) \.\.\.$/);
    await test.engine.killJob(unbuffered.id);
    const silent = await test.start({ argv, env: { PYTHONUNBUFFERED: null }, readyWhen: { pattern: '^Serving' } });
    const text = await until('it is said', async () => (await test.engine.getJob(silent.id)).readyText ?? undefined);
    assert.match(text, /^stdout is empty; Python .* PYTHONUNBUFFERED=1/);
    return undefined;
  });
});
