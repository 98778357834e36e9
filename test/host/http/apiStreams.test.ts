import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { openEngine } from '../../../src/engine/engine.ts';
import type { OpenEngine } from '../../../src/host/startJobHost.ts';
import { eventPage, jobEvent } from '../../../src/api/events.ts';
import type { Job } from '../../../src/api/job.ts';
import type { Chunk } from '../../../src/api/output.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';
import { memoryInUse } from '../../helpers/memory.ts';
import { until } from '../../helpers/until.ts';

describe('output over HTTP', () => {
  const host = useInProcessHost();
  const run = async (script: string): Promise<Job> => {
    const { job } = await host.client.startJob({ argv: ['sh', '-c', script], cwd: '/' });
    return job;
  };
  const ended = async (script: string): Promise<Job> => (await host.client.waitForJob((await run(script)).id)).job;

  it('is JSON, text, or the raw bytes', async () => {
    const job = await ended("printf 'a\\377b\\n'; printf '\\033[31mr\\303\\251d\\033[0m'");
    const path = `/v1/jobs/${job.id}/output`;
    const json = JSON.parse((await host.ask('GET', path)).body) as { chunks: Chunk[]; next: number };
    assert.equal(json.chunks.map(({ text }) => text).join(''), 'a\ufffdb\n\u001b[31mréd\u001b[0m');
    const text = await host.ask('GET', `${path}?format=text`);
    assert.match(text.headers['content-type'] ?? '', /^text\/plain/);
    assert.equal(text.body, 'a\ufffdb\n\u001b[31mréd\u001b[0m');
    const raw = await bytes(await host.open('GET', `${path}?format=raw`));
    assert.ok(raw.equals(Buffer.from('a\xffb\n\x1b[31mr\xc3\xa9d\x1b[0m', 'latin1')));
  });

  it('gives the cursor of text and bytes in headers, so that pages can be read', async () => {
    const job = await ended('seq 1 2000');
    for (const format of ['text', 'raw']) {
      let [body, since, more] = ['', '0', 'true'];
      while (more === 'true') {
        const page = await host.ask('GET', `/v1/jobs/${job.id}/output?format=${format}&limit=1000&since=${since}`);
        body += page.body;
        since = String(page.headers['bgjobs-next']);
        more = String(page.headers['bgjobs-more']);
        assert.equal(page.headers['bgjobs-status'], 'completed');
      }
      assert.equal(body, Array.from({ length: 2000 }, (_, index) => `${index + 1}\n`).join(''));
    }
  });

  it('streams to the end of the run in every format', async () => {
    const argv = ['sh', '-c', 'echo one; read x; echo two >&2; read x; echo three'];
    const { job } = await host.client.startJob({ argv, cwd: '/', stdin: { type: 'pipe' } });
    const path = `/v1/jobs/${job.id}/output?follow=true`;
    const plain = Promise.all(['text', 'raw'].map(async (format) => host.ask('GET', `${path}&format=${format}`)));
    const seen: [string, string][] = [];
    for await (const { stream, text } of chunksOf(await host.open('GET', path))) {
      seen.push([stream, text]);
      if (seen.length < 3) await host.client.sendInput(job.id, { text: 'go on\n' });
    }
    assert.deepEqual(seen, [
      ['stdout', 'one\n'],
      ['stderr', 'two\n'],
      ['stdout', 'three\n'],
    ]);
    for (const { body } of await plain) assert.equal(body, 'one\ntwo\nthree\n');
  });

  it('shows a prompt to a follower at once', async () => {
    const job = await run("printf 'Password: '; sleep 60");
    const answer = await host.open('GET', `/v1/jobs/${job.id}/output?follow=true&format=raw`);
    const [first] = (await once(answer, 'data')) as [Buffer];
    assert.equal(first.toString(), 'Password: ');
    answer.destroy();
  });

  it('follows a job that still waits', async () => {
    await host.client.updateHost({ maxConcurrentJobs: 1 });
    const first = await run('sleep 60');
    const second = await run('echo mine');
    const answer = host.ask('GET', `/v1/jobs/${second.id}/output?follow=true&format=raw`);
    await host.client.killJob(first.id);
    assert.equal((await answer).body, 'mine\n');
  });

  it('reads no further than a slow reader does', async () => {
    const job = await ended('head -c 100000000 /dev/zero');
    const answer = await host.open('GET', `/v1/jobs/${job.id}/output?follow=true&format=raw`);
    const memory = memoryInUse();
    answer.pause();
    let seen = -1;
    await until('the connection is full', async () => {
      const before = seen;
      seen = answer.socket.bytesRead;
      await host.ask('GET', '/v1/host');
      return seen > 0 && seen === before ? true : undefined;
    });
    assert.ok(memoryInUse() - memory < 50_000_000, 'the rest is still in the file');
    let size = 0;
    for await (const part of answer as AsyncIterable<Buffer>) size += part.length;
    assert.equal(size, 100_000_000);
  });
});

describe('a client that goes away', () => {
  /** Signals of what was asked, and how many of them have been answered to the end. */
  const signals: AbortSignal[] = [];
  let over = 0;
  const openWatched: OpenEngine = async ({ home, version, settings, log }, onIdleChanged) => {
    const engine = await openEngine({ home, version, settings, onIdleChanged, log: log.warn });
    const watch = (signal: AbortSignal | undefined): void => void (signal && signals.push(signal));
    return {
      ...engine,
      waitForJob: async (id, query, signal) => {
        watch(signal);
        return engine.waitForJob(id, query, signal).finally(() => over++);
      },
      followOutput: async function* (id, query, signal) {
        watch(signal);
        yield* engine.followOutput(id, query, signal);
        over++;
      },
      events: async function* (query, signal) {
        watch(signal);
        yield* engine.events(query, signal);
        over++;
      },
    };
  };
  const host = useInProcessHost({ openEngine: openWatched });

  it('ends its own requests, and does not affect the job', async () => {
    const { job } = await host.client.startJob({ argv: ['sleep', '60'], cwd: '/' });
    const paths = [`/v1/jobs/${job.id}/wait`, `/v1/jobs/${job.id}/output?follow=true`, '/v1/events'];
    const { endpoint, token } = host.host.record;
    for (const path of paths) {
      const socket = connect(endpoint);
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n\r\n`);
      const signal = await until(`${path} is under way`, () => signals.shift());
      assert.equal(signal.aborted, false);
      const before = over;
      socket.destroy();
      await until(`${path} is over`, () => (signal.aborted && over > before ? true : undefined));
    }
    assert.equal((await host.client.getJob(job.id)).status, 'running');
  });
});

describe('events over HTTP', () => {
  const host = useInProcessHost();
  const held = async (): Promise<void> => void (await host.client.startJob({ argv: ['true'], cwd: '/', held: true }));

  it('are replayed from a number on and go on live', async () => {
    await held();
    await held();
    await held();
    const answer = await host.open('GET', '/v1/events?since=1');
    assert.match(answer.headers['content-type'] ?? '', /^text\/event-stream/);
    await held();
    assert.deepEqual(await numbers(answer, 3), [2, 3, 4]);
  });

  it('are only new ones without a number', async () => {
    await held();
    const answer = await host.open('GET', '/v1/events');
    await once(answer, 'readable');
    await held();
    assert.deepEqual(await numbers(answer, 1), [2]);
  });

  it('continue after Last-Event-ID, as a browser requests it', async () => {
    for (let count = 0; count < 4; count++) await held();
    const headers = { 'last-event-id': '3' };
    assert.deepEqual(await numbers(await host.open('GET', '/v1/events?since=1', { headers }), 1), [4]);
  });

  it('can be limited to one job, which must exist', async () => {
    await held();
    await held();
    await held();
    const [, second] = (await host.client.listJobs()).jobs;
    assert.deepEqual(await numbers(await host.open('GET', `/v1/events?since=0&job=${second?.id}`), 1), [2]);
    for (const format of ['stream', 'json']) {
      const refused = await host.refused('GET', `/v1/events?since=0&job=nowhere&format=${format}`);
      assert.deepEqual([refused.status, refused.code], [404, 'job_not_found']);
    }
  });

  it('are returned as one page to callers that poll', async () => {
    const page = async (query: string) => {
      const answer = await host.ask('GET', `/v1/events?format=json${query}`);
      assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'application/json']);
      const { events, next, more } = eventPage.parse(JSON.parse(answer.body));
      return { numbers: events.map(({ seq }) => seq), next, more };
    };
    assert.deepEqual(await page(''), { numbers: [], next: 0, more: false });
    await held();
    await held();
    await held();
    assert.deepEqual(await page('&since=0&limit=2'), { numbers: [1, 2], next: 2, more: true });
    assert.deepEqual(await page('&since=2&limit=2'), { numbers: [3], next: 3, more: false });
    assert.deepEqual(await page(''), { numbers: [], next: 3, more: false });
    assert.equal((await host.refused('GET', '/v1/events?format=json&limit=1001')).code, 'invalid_request');
  });

  it('begin with an event that contains the position, and report changed settings in an event without a number', async () => {
    await held();
    const answer = await host.open('GET', '/v1/events');
    await once(answer, 'readable');
    await host.client.pauseQueue();
    const text = await textUntil(answer, (so) => /event: settings\n.*\n.*\n\n/.test(so));
    const [first, second] = text.split('\n\n').map((block) => block.split('\n'));
    // Clients of version 0.2.0 read the comment, and would take data after a space for a change of a job.
    assert.deepEqual(first, ['id: 1', 'event: connected', ': connected', 'data:{"since":1}']);
    assert.deepEqual(second, ['event: settings', ': settings', 'data:{}']);
  });

  it('carry number, type and the job', async () => {
    await held();
    const answer = await host.open('GET', '/v1/events?since=0');
    const text = await textUntil(answer, (so) => /data: .*\n\n/.test(so));
    const [, id, type, data] = /id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n/.exec(text) ?? [];
    assert.deepEqual([id, type], ['1', 'created']);
    assert.equal(jobEvent.parse(JSON.parse(data ?? '')).job?.status, 'held');
  });
});

/** The numbers of the next events; then lets go. */
async function numbers(answer: IncomingMessage, count: number): Promise<number[]> {
  const found = (text: string): number[] =>
    [...text.matchAll(/^id: (\d+)\nevent: (?!connected)/gm)].map(([, id]) => Number(id));
  return found(await textUntil(answer, (text) => found(text).length >= count && text.endsWith('\n\n')));
}

async function textUntil(answer: IncomingMessage, enough: (text: string) => boolean): Promise<string> {
  let text = '';
  for await (const part of answer as AsyncIterable<Buffer>) {
    text += part.toString();
    if (enough(text)) break;
  }
  return text;
}

async function* chunksOf(answer: IncomingMessage): AsyncGenerator<Chunk> {
  for await (const line of createInterface({ input: answer })) yield JSON.parse(line) as Chunk;
}

async function bytes(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
