import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeFiles, readHostRecord } from '../../src/dataDir/dataDir.ts';
import { agentEventPage, type AgentEventPage } from '../../src/api/codingAgent.ts';
import type { Job } from '../../src/api/job.ts';
import type { CodingAgentName } from '../../src/api/options.ts';
import { useHome, type ErrorDocument } from '../helpers/cli.ts';
import { pathWithAgents, recordedStream } from '../helpers/codingAgents.ts';
import { ask } from '../helpers/http.ts';

describe("coding agents' runs over HTTP", () => {
  const home = useHome();
  before(() => home.json(['host', 'start']));

  const send = async <T>(status: number, method: string, path: string, body?: object): Promise<T> => {
    const record = readHostRecord(homeFiles(home.path).record);
    assert.ok(record);
    const answer = await ask(record, method, path, body && { body: JSON.stringify(body) });
    assert.equal(answer.status, status, answer.body);
    return JSON.parse(answer.body) as T;
  };
  /** A run that prints exactly this. */
  const printing = async (name: CodingAgentName, text: string | Buffer, options: object = {}): Promise<Job> => {
    const stream = join(home.path, 'stream');
    writeFileSync(stream, text);
    const env = { PATH: pathWithAgents(), AGENT_STREAM: stream };
    const codingAgent = { name, prompt: 'x' };
    const { id } = await send<Job>(201, 'POST', '/v1/jobs', { codingAgent, cwd: home.path, env, ...options });
    return home.ended(id);
  };
  const events = async (job: Job, query = ''): Promise<AgentEventPage> =>
    agentEventPage.parse(await send(200, 'GET', `/v1/runs/${job.id}.1/events${query}`));

  it('have the events of their log; the last line needs no newline', async () => {
    const job = await printing('codex', recordedStream('codex').trimEnd());
    const page = await events(job);
    assert.deepEqual([page.events.length, page.events.at(-1)?.type], [13, 'result']);
    const [result] = (await events(job, '?type=result')).events;
    assert.deepEqual(result, page.events.at(-1));
    assert.deepEqual((await events(job, '?since=13')).events, []);
  });

  it('have events whatever they print', async () => {
    for (const name of ['claude', 'codex', 'copilot'] as const) {
      const noise = Buffer.concat([randomBytes(300_000), Buffer.from(`\n${recordedStream(name)}`), randomBytes(5000)]);
      const job = await printing(name, noise);
      const numbers: number[] = [];
      let result = 0;
      for (let since = 0, more = true; more;) {
        const page = await events(job, `?since=${since}&limit=1000`);
        numbers.push(...page.events.map(({ number }) => number));
        result += page.events.filter(({ type }) => type === 'result').length;
        ({ next: since, more } = page);
      }
      assert.deepEqual(
        numbers,
        Array.from({ length: numbers.length }, (_, index) => index + 1),
      );
      assert.equal(result, 1);
    }
  });

  it('say what their log has dropped, and begin with what is left', async () => {
    const line = (index: number) => JSON.stringify({ type: 'error', message: `${index} ${'x'.repeat(100)}` });
    const text = Array.from({ length: 20_000 }, (_, index) => `${line(index)}\n`).join('');
    const job = await printing('codex', text, { maxLogBytes: 65_536 });
    const page = await events(job);
    assert.equal(page.droppedBytes, job.runs[0]?.droppedBytes);
    assert.ok(page.droppedBytes > 0);
    const [first] = page.events;
    assert.equal(first?.number, 1);
    assert.match(first?.text ?? '', /^\d+ x{100}$/);
    assert.notEqual(first?.text.split(' ')[0], '0');
  });

  it('are started like any other job: one of three ways, with a prompt, under the deny list', async () => {
    const start = (request: object) => ({ cwd: home.path, ...request });
    const both = await send<ErrorDocument>(
      400,
      'POST',
      '/v1/jobs',
      start({ argv: ['true'], codingAgent: { name: 'codex', prompt: 'x' } }),
    );
    assert.match(both.error.message, /give one of command .*, argv .* and codingAgent/);
    const empty = await send<ErrorDocument>(
      400,
      'POST',
      '/v1/jobs',
      start({ codingAgent: { name: 'codex', prompt: '' } }),
    );
    assert.match(empty.error.message, /codingAgent\.prompt/);
    const job = await printing('claude', recordedStream('claude'));
    await send(200, 'PATCH', '/v1/host', { agentDeny: ['claude'] });
    try {
      const codingAgent = { name: 'claude', prompt: 'x' };
      const denied = await send<ErrorDocument>(403, 'POST', '/v1/jobs', start({ codingAgent, actor: 'agent' }));
      assert.equal(denied.error.code, 'policy_denied');
      const again = { prompt: 'x', actor: 'agent' };
      const continued = await send<ErrorDocument>(403, 'POST', `/v1/jobs/${job.id}/continue`, again);
      assert.equal(continued.error.code, 'policy_denied');
    } finally {
      await send(200, 'PATCH', '/v1/host', { agentDeny: [] });
    }
    await send<Job>(201, 'POST', `/v1/jobs/${job.id}/continue`, { prompt: 'y' });
  });

  it('answer 404 and 409 when there are no events', async () => {
    const job = await home.ended((await home.run(['--', 'true'])).id);
    const plain = await send<ErrorDocument>(409, 'GET', `/v1/runs/${job.id}.1/events`);
    assert.equal(plain.error.code, 'invalid_state');
    const continued = await send<ErrorDocument>(409, 'POST', `/v1/jobs/${job.id}/continue`, { prompt: 'x' });
    assert.equal(continued.error.code, 'invalid_state');
    assert.equal((await send<ErrorDocument>(404, 'GET', `/v1/runs/${job.id}.2/events`)).error.code, 'run_not_found');
  });
});
