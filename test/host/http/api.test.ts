import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homeFiles } from '../../../src/dataDir/dataDir.ts';

import { pathWithAgents } from '../../helpers/codingAgents.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';
import { schemaOf } from '../../../src/http/openApi.ts';
import { endpoints, type Verb } from '../../../src/api/endpoints.ts';

describe('the HTTP API', () => {
  const host = useInProcessHost();
  const start = (fields: object = {}): string => JSON.stringify({ argv: ['true'], cwd: '/', ...fields });

  it('answers each route in the shape that the table gives', async () => {
    const job = JSON.parse(
      (await host.ask('POST', '/v1/jobs', { body: start({ argv: ['sleep', '60'], tty: true }) })).body,
    ) as {
      id: string;
    };
    const bodies: Partial<Record<Verb, object>> = {
      startJob: { argv: ['true'], cwd: '/', held: true, idempotencyKey: 'k' },
      updateHost: {
        maxConcurrentJobs: 7,
        hooks: [{ name: 'told', on: ['failed'], target: { type: 'file', path: '/dev/null' } }],
      },
      updateJob: { pinned: true },
      sendInput: { text: 'x' },
      resizeTerminal: { columns: 100, rows: 30 },
      moveJob: { to: 'first' },
      continueJob: { prompt: 'and now?' },
      killJobs: { session: 'none' },
      changeJobs: { action: 'pause', session: 'none' },
      waitForJobs: { ids: [job.id], timeoutMs: 0 },
    };
    const held = async (): Promise<string> =>
      (await host.client.startJob({ argv: ['true'], cwd: '/', held: true })).job.id;
    const later = await host.client.startJob({ argv: ['true'], cwd: '/', at: '2999-01-01T00:00:00Z' });
    await host.client.pauseQueue({ session: 'quiet' });
    const paused = await host.client.startJob({ argv: ['true'], cwd: '/', session: 'quiet' });
    const codingAgent = { name: 'codex', prompt: 'hello' } as const;
    const agent = await host.client.startJob({ codingAgent, cwd: '/', env: { PATH: pathWithAgents() } });
    await host.client.waitForJob(agent.job.id);
    const ids: Partial<Record<Verb, string>> = {
      testHook: 'told',
      releaseJob: await held(),
      removeJob: await held(),
      holdJob: later.job.id,
      moveJob: paused.job.id,
      continueJob: agent.job.id,
      getRunEvents: `${agent.job.id}.1`,
      getRun: `${job.id}.1`,
      terminateRun: `${job.id}.1`,
    };
    const queries: Partial<Record<Verb, string>> = {
      waitForJob: '?timeoutMs=0',
      getEvents: '?since=0&format=json',
    };
    const last: Verb[] = ['killJob', 'restartJob', 'stopHost'];
    const names = (Object.keys(endpoints) as Verb[]).filter((name) => !last.includes(name));
    for (const name of [...names, ...last]) {
      const route = endpoints[name];
      const path = route.path.replace(/\{\w+\}/, ids[name] ?? job.id) + (queries[name] ?? '');
      const body = bodies[name];
      const { status, body: text } = await host.ask(route.method, path, body && { body: JSON.stringify(body) });
      assert.equal(status, 'status' in route ? route.status : 200, `${name}: ${text}`);
      schemaOf(route.answer).parse(JSON.parse(text));
    }
  });

  it('answers 201 for a new job and 200 for the one with the key', async () => {
    const body = start({ held: true, idempotencyKey: 'once' });
    const first = await host.ask('POST', '/v1/jobs', { body });
    const second = await host.ask('POST', '/v1/jobs', { body });
    assert.deepEqual([first.status, second.status], [201, 200]);
    assert.equal((JSON.parse(first.body) as { id: string }).id, (JSON.parse(second.body) as { id: string }).id);
  });

  it('refuses requests without the token', async () => {
    const { token } = host.host.record;
    for (const wrong of ['', 'x', token.slice(1), `${token}x`, token.replace(/./, '~')]) {
      for (const path of ['/v1/host', '/v1/jobs', '/nowhere']) {
        assert.equal((await host.refused('GET', path, { token: wrong })).code, 'unauthorized');
      }
    }
    const { status, code } = await host.refused('POST', '/v1/host/stop', { headers: { authorization: token } });
    assert.deepEqual({ status, code }, { status: 401, code: 'unauthorized' });
    assert.equal((await host.ask('GET', '/v1/host')).status, 200);
  });

  it('answers 404 for routes, jobs and runs that do not exist', async () => {
    const cases: [string, string, string][] = [
      ['GET', '/', 'route_not_found'],
      ['PUT', '/v1/jobs', 'route_not_found'],
      ['GET', '/v1/jobs/../../x', 'route_not_found'],
      ['GET', '/v1/jobs/..%2F..%2Fx', 'job_not_found'],
      ['GET', '/v1/jobs/..%2F..%2Fx/output', 'job_not_found'],
      ['GET', '/v1/jobs/..%2F..%2Fx/output?follow=true', 'job_not_found'],
      ['GET', '/v1/jobs/..%2F..%2Fx/output?format=raw', 'job_not_found'],
      ['DELETE', '/v1/jobs/..', 'job_not_found'],
      ['POST', '/v1/jobs/%2e%2e/kill', 'job_not_found'],
      ['GET', '/v1/runs/..%2f..%2fjobs.db', 'run_not_found'],
    ];
    for (const [method, path, code] of cases) {
      const refused = await host.refused(method, path);
      assert.deepEqual([refused.status, refused.code], [404, code], path);
    }
  });

  it('refuses an invalid request and explains what is valid', async () => {
    const cases: [string, string, string | undefined, RegExp][] = [
      ['POST', '/v1/jobs', '{"argv": ["true"', /not JSON/],
      ['POST', '/v1/jobs', '[]', /a list must have 1 to 1000 requests/],
      ['POST', '/v1/kill', '[]', /must be an object, not a list/],
      ['POST', '/v1/jobs', 'null', /must be an object, not null/],
      ['POST', '/v1/jobs', start({ comand: 'x' }), /unknown field "comand".*command.*cwd/],
      ['POST', '/v1/jobs', start({ priority: 'high' }), /priority/],
      ['POST', '/v1/jobs/x/kill', '{"signal": 9}', /signal/],
      ['POST', '/v1/jobs/x/pause', '{"hard": true}', /"hard"/],
      ['GET', '/v1/jobs?limt=3', undefined, /unknown field "limt".*limit/],
      ['GET', '/v1/jobs?limit=1&limit=2', undefined, /limit is given more than once/],
      ['GET', '/v1/jobs/x?verbose', undefined, /verbose/],
      ['GET', '/v1/jobs/x/output?follow=perhaps', undefined, /follow/],
      ['GET', '/v1/events?since=-1', undefined, /since/],
      ['GET', '/v1/jobs/%zz', undefined, /percent-encoded/],
    ];
    for (const [method, path, body, pattern] of cases) {
      const { status, code, message } = await host.refused(method, path, body === undefined ? {} : { body });
      assert.deepEqual([status, code], [400, 'invalid_request'], `${path} ${body}`);
      assert.match(message, pattern);
    }
  });

  it('accepts an empty body when every field has a default', async () => {
    const { job } = await host.client.startJob({ argv: ['sleep', '60'], cwd: '/' });
    assert.equal((await host.ask('POST', `/v1/jobs/${job.id}/kill`)).status, 200);
    assert.equal((await host.ask('POST', '/v1/cleanup', { body: ' \n' })).status, 200);
  });

  it('refuses a body that is too large, and continues to serve', async () => {
    const body = Buffer.alloc(9 * 1024 * 1024, 'x');
    for (const headers of [{ 'content-length': String(body.length) }, { 'transfer-encoding': 'chunked' }]) {
      const { status, code } = await host.refused('POST', '/v1/jobs', { body, headers });
      assert.deepEqual([status, code], [413, 'payload_too_large']);
    }
    assert.equal((await host.ask('GET', '/v1/host')).status, 200);
  });

  it('accepts a body just below the limit', async () => {
    const argv = ['true', ...Array.from({ length: 7 }, () => 'x'.repeat(1024 * 1024))];
    assert.equal((await host.ask('POST', '/v1/jobs', { body: start({ argv, held: true }) })).status, 201);
  });

  it('survives clients that break off in the middle of a request', async () => {
    const { endpoint, token } = host.host.record;
    for (const text of [
      'GARBAGE\r\n\r\n',
      `POST /v1/jobs HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\ncontent-length: 99\r\n\r\n{"argv"`,
    ]) {
      const socket = connect(endpoint);
      socket.write(text);
      await once(socket, 'connect');
      socket.end();
      socket.resume();
      await once(socket, 'close');
    }
    assert.equal((await host.client.listJobs()).total, 0);
    assert.doesNotMatch(readFileSync(homeFiles(host.home).log, 'utf8'), /bug/);
  });

  it('keeps environment and output out of its log', async () => {
    const { job } = await host.client.startJob({ command: 'echo $SECRET', cwd: '/', env: { SECRET: 'quiet' } });
    await host.client.waitForJob(job.id);
    await host.client.getOutput(job.id);
    const log = readFileSync(homeFiles(host.home).log, 'utf8');
    assert.ok(!log.includes('quiet') && !log.includes(host.host.record.token));
  });
});
