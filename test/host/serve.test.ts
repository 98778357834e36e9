import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobEvent } from '../../src/api/events.ts';
import type { Job } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';
import { Serving } from '../helpers/serve.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs serve', () => {
  const home = useHome();

  it('serves the API on a port of this machine to callers with the token', async () => {
    await using serving = await Serving.start(home);
    const { url, token, pid } = serving.served;
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(pid, serving.running.child.pid);
    const { status, value } = await serving.ask('POST', '/v1/jobs', {
      argv: ['sh', '-c', 'echo hi; exit 3'],
      cwd: '/',
    });
    assert.equal(status, 201);
    const waited = await serving.ask('GET', `/v1/jobs/${String(value['id'])}/wait`);
    assert.equal((waited.value['job'] as Job).exitCode, 3);
    const headers = { authorization: `Bearer ${token}` };
    for (const format of ['text', 'raw']) {
      const output = await fetch(`${url}/v1/jobs/${String(value['id'])}/output?format=${format}`, { headers });
      assert.equal(await output.text(), 'hi\n');
    }
    assert.equal((await fetch(`${url}/v1/host`)).status, 401);
    assert.equal(
      (await fetch(`${url}/v1/host`, { headers: { ...headers, origin: 'http://evil.example' } })).status,
      403,
    );
    assert.equal((await serving.ask('GET', '/openapi.json')).value['openapi'], '3.1.1');
    assert.equal((await serving.ask('GET', '/v1/jobs/nowhere')).status, 404);
  });

  it('prints its address as text', async () => {
    const running = await home.start(['serve', '--host', 'localhost']);
    const text = await until('it serves', () => (running.stdout().includes('Token') ? running.stdout() : undefined));
    const [, url, token] = /^Serving (http:\/\/127\.0\.0\.1:\d+) until Ctrl\+C\nToken: (\S{40,})\n$/.exec(text) ?? [];
    assert.equal((await fetch(`${url}/v1/host`, { headers: { authorization: `Bearer ${token}` } })).status, 200);
    running.child.kill('SIGINT');
    assert.equal((await running.ended).code, 0);
  });

  it('keeps its token in a private file, when it is given one', async () => {
    const path = join(home.path, 'serve.token');
    await using first = await Serving.start(home, ['--token-file', 'serve.token']);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(readFileSync(path, 'utf8'), `${first.served.token}\n`);
    await using second = await Serving.start(home, ['--token-file', path]);
    assert.equal(second.served.token, first.served.token);
    assert.notEqual(second.served.url, first.served.url);
    chmodSync(path, 0o640);
    assert.match((await home.error(2, ['serve', '--token-file', path])).message, /serve\.token.*chmod 600/);
    writeFileSync(join(home.path, 'short'), 'x', { mode: 0o600 });
    assert.match((await home.error(2, ['serve', '--token-file', 'short'])).message, /16/);
    assert.match((await home.error(2, ['serve', '--token-file', 'no/where'])).message, /ENOENT/);
  });

  it('otherwise has a new token each time', async () => {
    await using first = await Serving.start(home);
    await using second = await Serving.start(home);
    assert.notEqual(second.served.token, first.served.token);
    assert.ok(first.served.token.length >= 40);
  });

  it('listens only on loopback addresses and valid ports, and reports a port that is in use', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.1', 'example.org']) {
      const error = await home.error(2, ['serve', '--host', host]);
      assert.match(error.message, /127\.0\.0\.1/);
    }
    assert.match((await home.error(2, ['serve', '--port', '65536'])).message, /65535/);
    await home.error(2, ['serve', '--port', 'http']);
    await using serving = await Serving.start(home);
    const { port } = new URL(serving.served.url);
    const error = await home.error(1, ['serve', '--port', port]);
    assert.match(error.message, /EADDRINUSE.*--port/);
  });

  it('continues with the next job host, also its events, without an effect on jobs', async () => {
    await using serving = await Serving.start(home);
    const job = await home.run(['--stdin', 'pipe', '--', 'sh', '-c', 'read x; exit 4']);
    const { next } = (await serving.ask('GET', '/v1/events?format=json')).value;
    const leaving = new AbortController();
    const events = readEvents(serving, leaving.signal);
    await events.connected;
    await home.json(['host', 'stop']);
    const { pid } = (await serving.ask('GET', '/v1/host')).value;
    process.kill(Number(pid), 'SIGKILL');
    assert.equal((await serving.ask('GET', `/v1/jobs/${job.id}`)).value['status'], 'running');
    assert.notEqual((await serving.ask('GET', '/v1/host')).value['pid'], pid);
    // Over the API itself, too: whoever asks next gets a new one.
    assert.equal((await serving.ask('POST', '/v1/host/stop')).status, 202);
    await until('the next host answers', async () => {
      return (await serving.ask('POST', `/v1/jobs/${job.id}/input`, { text: '\n' })).status === 200 ? true : undefined;
    });
    const seen = await until('the end is told', () =>
      events.seen.some(({ jobId, to }) => jobId === job.id && to === 'failed') ? events.seen : undefined,
    );
    assert.deepEqual(
      seen.map(({ seq }) => seq),
      seen.map((_, index) => Number(next) + 1 + index),
    );
    leaving.abort();
    await events.ended;
    assert.equal((await home.ended(job.id)).exitCode, 4);
  });

  it('does not affect jobs when it ends, and cuts requests in progress', async () => {
    const serving = await Serving.start(home);
    const started = await serving.ask('POST', '/v1/jobs', {
      argv: ['sh', '-c', 'read x'],
      cwd: '/',
      stdin: { type: 'pipe' },
    });
    const id = String(started.value['id']);
    const waiting = serving.ask('GET', `/v1/jobs/${id}/wait`).catch(() => undefined);
    await serving[Symbol.asyncDispose]();
    await waiting;
    assert.equal((await home.json<Job>(['status', id])).status, 'running');
  });
});

function readEvents(serving: Serving, signal: AbortSignal) {
  const { url, token } = serving.served;
  const seen: JobEvent[] = [];
  const connected = Promise.withResolvers<void>();
  const ended = (async () => {
    const answer = await fetch(`${url}/v1/events`, { headers: { authorization: `Bearer ${token}` }, signal });
    let text = '';
    for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (text + part).split('\n');
      text = lines.pop() ?? '';
      connected.resolve();
      for (const line of lines) {
        if (line.startsWith('data: ')) seen.push(JSON.parse(line.slice('data: '.length)) as JobEvent);
      }
    }
  })().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return { seen, connected: connected.promise, ended };
}
