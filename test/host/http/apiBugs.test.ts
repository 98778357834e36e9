import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { homeFiles } from '../../../src/dataDir/dataDir.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';

/** An engine in which everything that is not given here is broken. */
function brokenEngine(given: Partial<Engine>): Engine {
  const engine: Partial<Engine> = { isIdle: () => true, close: () => Promise.resolve(), ...given };
  return new Proxy(engine, {
    get(target, name): unknown {
      // What has a `then` would be awaited.
      if (name === 'then') return undefined;
      return Reflect.get(target, name) ?? (() => Promise.reject(new Error(`${String(name)} is broken`)));
    },
  }) as Engine;
}

describe('the HTTP API over a broken engine', () => {
  const engine = brokenEngine({
    getEvents: () => Promise.resolve({ events: [], next: 0, more: false }),
    // eslint-disable-next-line @typescript-eslint/require-await
    async *events() {
      yield { seq: 1, type: 'created' } as never;
      throw new Error('the feed is broken');
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    async *followOutput() {
      yield { seq: 1, text: 'x' } as never;
      throw new Error('the log is broken');
    },
  });
  const host = useInProcessHost({ openEngine: () => Promise.resolve(engine) });

  it('answers 500 with the message, and keeps the stack for the log', async () => {
    const { status, code, message } = await host.refused('GET', '/v1/metrics');
    assert.deepEqual([status, code], [500, 'internal']);
    assert.match(message, /getMetrics is broken/);
    assert.doesNotMatch(message, / at /);
    assert.match(
      readFileSync(homeFiles(host.home).log, 'utf8'),
      /bug in GET \/v1\/metrics.*getMetrics is broken\n +at /,
    );
    assert.equal((await host.refused('GET', '/v1/host')).status, 500);
  });

  it('reports a failure in a stream of events', async () => {
    const { body } = await host.ask('GET', '/v1/events');
    assert.match(
      body,
      /^id: 0\nevent: connected\n.*\ndata:.*\n\nid: 1\nevent: created\ndata: .*\n\nevent: error\ndata: (.*)\n\n$/,
    );
    assert.match(body, /"internal".*the feed is broken/);
  });

  it('reports a failure in a stream of chunks on the last line', async () => {
    const { body } = await host.ask('GET', '/v1/jobs/x/output?follow=true');
    const [chunk, error] = body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { error?: { code: string } });
    assert.deepEqual(chunk, { seq: 1, text: 'x' });
    assert.equal(error?.error?.code, 'internal');
  });

  it('cuts a stream of text after a failure, so that it does not look complete', async () => {
    await assert.rejects(host.ask('GET', '/v1/jobs/x/output?follow=true&format=text'), { code: 'ECONNRESET' });
  });
});
