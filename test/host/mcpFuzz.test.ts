import fc from 'fast-check';
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { toolNames } from '../../src/agents/tools/names.ts';
import type { Job } from '../../src/api/job.ts';
import { useHome, type RunningCli } from '../helpers/cli.ts';
import { McpClient } from '../helpers/mcp.ts';
import { Serving } from '../helpers/serve.ts';
import { until } from '../helpers/until.ts';

const seed = 20_260_102;
const linesOnStdio = 2000;
const requestsOverHttp = 1000;

const anything = fc.jsonValue({ maxDepth: 4 });
const id = fc.constantFrom(
  '../../x',
  '%2e%2e/x',
  '',
  '\0',
  '00000000-0000-0000-0000-000000000000',
  'x'.repeat(5000),
  'ü',
  '-1',
);
/** No start that could run something: each has a field that there is not. */
const input = fc
  .record({ id: fc.oneof(id, anything), noSuchField: anything, value: anything, key: fc.string() })
  .map(({ value, key, ...rest }) => ({ ...rest, [`field${key}`]: value }));
const toolCall = fc.record({
  name: fc.oneof(fc.constantFrom(...toolNames), fc.string()),
  arguments: fc.oneof(input, anything),
});
const request = fc.oneof(
  toolCall.map((params) => ({ method: 'tools/call', params })),
  fc.record({
    method: fc.oneof(
      fc.constantFrom('tools/list', 'resources/read', 'resources/subscribe', 'completion/complete', 'initialize', 'x'),
      fc.string(),
    ),
    params: anything,
  }),
  fc.record({
    method: fc.constant('resources/read'),
    params: fc.record({ uri: fc.oneof(id, fc.webUrl(), fc.string()) }),
  }),
);
const notJson = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '{',
    '[',
    '[]',
    '[[]]',
    'null',
    '1',
    '"x"',
    '{}',
    '{"jsonrpc":"1.0"}',
    '\u0000',
    '{"jsonrpc":"2.0","id":{}}',
  ),
  anything.map((value) => JSON.stringify(value).slice(0, -1)),
);

const answer = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  error: z.object({ code: z.int(), message: z.string() }).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
});

describe('MCP messages that make no sense', () => {
  const home = useHome();
  let job: Job;
  before(async () => (job = await home.run(['--', 'sleep', '600'])));
  it(`on stdio: every request is answered, and the server goes on (seed ${seed})`, async () => {
    const server = await home.start(['mcp'], { openInput: true });
    const answered = collectAnswers(server);
    const send = (message: string): void => void server.child.stdin?.write(`${message}\n`);
    const clientInfo = { name: 'fuzz', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    send(JSON.stringify({ jsonrpc: '2.0', id: 'begin', method: 'initialize', params }));
    await until('the handshake', () => answered.get('begin'));

    const requests = fc.sample(request, { numRuns: linesOnStdio, seed });
    const rubbish = fc.sample(notJson, { numRuns: linesOnStdio, seed });
    requests.forEach((one, number) => {
      // A line of its own each: what is broken must not take its neighbour along.
      send((rubbish[number] ?? '').replaceAll(/[\r\n]/g, ' '));
      send(JSON.stringify({ jsonrpc: '2.0', id: number, ...one }));
    });
    send(JSON.stringify({ jsonrpc: '2.0', id: 'end', method: 'tools/list' }));
    await until('the answers', () => (answered.size === linesOnStdio + 2 ? true : undefined), 60_000);
    for (const [number, { result, error }] of answered) assert.ok(result ?? error, String(number));
    assert.equal((answered.get('end')?.result?.['tools'] as unknown[]).length, toolNames.length);
    server.child.stdin?.end();
    assert.equal((await server.ended).code, 0);
  });

  it(`over HTTP: each gets a proper answer, and the server goes on (seed ${seed})`, async () => {
    await using serving = await Serving.start(home);
    const { url, token } = serving.served;
    const send = async (body: string): Promise<void> => {
      const response = await fetch(`${url}/mcp`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body,
      });
      const text = await response.text();
      assert.ok(response.status < 500, `${body.slice(0, 500)}\n${response.status} ${text}`);
      if (response.status === 202) return; // a notification
      const error: unknown = response.status >= 400 ? JSON.parse(text) : undefined;
      if (error !== undefined)
        assert.ok(z.object({ error: z.object({ message: z.string() }) }).safeParse(error).success, text);
      else answer.parse(JSON.parse(text.replace(/^event: message\ndata: /, '')));
    };
    const bodies = [
      ...fc.sample(notJson, { numRuns: requestsOverHttp / 2, seed }),
      ...fc
        .sample(request, { numRuns: requestsOverHttp / 2, seed })
        .map((one) => JSON.stringify({ jsonrpc: '2.0', id: 1, ...one })),
    ];
    for (let at = 0; at < bodies.length; at += 20) await Promise.all(bodies.slice(at, at + 20).map(send));
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const { status } = await fetch(`${url}/mcp`, { method, headers: { authorization: `Bearer ${token}` } });
      assert.equal(status, 405, method);
    }
    assert.equal((await fetch(`${url}/mcp`, { method: 'POST' })).status, 401);
    await using mcp = await McpClient.http(serving.served, 'modern');
    assert.match((await mcp.call('list_jobs')).text, /^1 job/);
  });

  it('have started and stopped no job', async () => {
    const { jobs, total } = await home.json<{ jobs: Job[]; total: number }>(['list']);
    assert.deepEqual([total, jobs[0]?.id, jobs[0]?.status], [1, job.id, 'running']);
  });
});

/** By id; whatever comes is an answer of the protocol. */
function collectAnswers({ child }: RunningCli): Map<string | number, z.output<typeof answer>> {
  const answers = new Map<string | number, z.output<typeof answer>>();
  assert.ok(child.stdout);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { success, data } = answer.safeParse(JSON.parse(line));
    if (success && data.id !== undefined && data.id !== null) answers.set(data.id, data);
  });
  return answers;
}
