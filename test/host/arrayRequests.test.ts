import assert from 'node:assert/strict';
import type { StartResults } from '../../src/api/control.ts';
import { useInProcessHost } from '../helpers/inProcessHost.ts';

describe('a request about an array', () => {
  const test = useInProcessHost();

  it('says what cannot be done with it, or with a task', async () => {
    const request = { argv: ['true'], cwd: test.home, array: { tasks: '1-2' } };
    const { id } = (await test.client.startJob(request)).job;
    await test.client.waitForJob(id);
    for (const [method, path, body, message] of [
      ['GET', `/v1/jobs/${id}/output`, undefined, /It is an array\. Name one of its tasks, for example .{8}:1/],
      ['GET', `/v1/jobs/${id}/inspect`, undefined, /It is an array/],
      ['POST', `/v1/jobs/${id}/pause`, undefined, /It is an array/],
      ['POST', `/v1/jobs/${id}/resume`, undefined, /It is an array/],
      ['POST', `/v1/jobs/${id}/input`, '{"text":"x"}', /It is an array/],
      ['DELETE', `/v1/jobs/${id}:1`, undefined, /It is a task of an array\. Use the id of the array/],
      ['PATCH', `/v1/jobs/${id}:1`, '{"pinned":true}', /It is a task of an array/],
      ['GET', `/v1/jobs/${id}:3`, undefined, /Array .{8} has no task 3/],
      ['GET', `/v1/jobs/${id}:1:1`, undefined, /No job has the id/],
      ['GET', `/v1/jobs?array=${id.slice(0, 8)}:1`, undefined, /It is not an array/],
    ] as const) {
      const refusal = await test.refused(method, path, body === undefined ? {} : { body });
      assert.match(refusal.message, message, `${method} ${path}`);
    }
  });

  for (const [what, request, message] of [
    ['tasks and items', { array: { tasks: '1', items: ['a'] } }, /either tasks \(numbers\) or items/],
    ['neither', { array: {} }, /either tasks \(numbers\) or items/],
    ['no items', { array: { items: [] } }, /array\.items/],
    ['a wrong range', { array: { tasks: '3-1' } }, /array\.tasks: the range 3-1 ends before it begins/],
    ['two limits', { array: { tasks: '1-3%2', maxRunning: 2 } }, /give the limit once/],
    ['a schedule', { array: { tasks: '1-3' }, cron: '0 0 * * *' }, /cannot be used with cron/],
    ['endless restarts', { array: { tasks: '1-3' }, restart: { policy: 'always' } }, /cannot be used with restart/],
    ['readyWhen', { array: { tasks: '1-3' }, readyWhen: 'listening' }, /cannot be used with readyWhen/],
  ] as const) {
    it(`cannot be requested with ${what}`, async () => {
      const body = JSON.stringify({ argv: ['true'], cwd: test.home, ...request });
      const refusal = await test.refused('POST', '/v1/jobs', { body });
      assert.deepEqual([refusal.status, refusal.code], [400, 'invalid_request']);
      assert.match(refusal.message, message);
      assert.equal((await test.client.listJobs()).total, 0);
    });
  }
});

describe('POST /v1/jobs with a list', () => {
  const test = useInProcessHost();
  const post = async (list: unknown) => await test.ask('POST', '/v1/jobs', { body: JSON.stringify(list) });

  it('answers each request by itself, in their order', async () => {
    const job = (name: string) => ({ argv: ['true'], cwd: test.home, name });
    const keyed = { ...job('same'), idempotencyKey: 'k' };
    const answer = await post([job('a'), { argv: ['true'] }, keyed, keyed, { ...job('b'), array: { tasks: '1-3' } }]);
    assert.equal(answer.status, 200);
    const { results } = JSON.parse(answer.body) as StartResults;
    assert.deepEqual(
      results.map((result) => [result.job?.name, result.created, result.error?.code]),
      [
        ['a', true, undefined],
        [undefined, false, 'invalid_request'],
        ['same', true, undefined],
        ['same', false, undefined],
        ['b', true, undefined],
      ],
    );
    assert.match(results[1]?.error?.message ?? '', /cwd: is required/);
    assert.equal((await test.client.listJobs()).total, 3);
    const again = await test.client.startJobs([job('c')]);
    assert.equal(again.results[0]?.job?.name, 'c');
  });

  for (const list of [[], Array.from({ length: 1001 }, () => ({}))]) {
    it(`refuses a list of ${list.length}`, async () => {
      const { status, body } = await post(list);
      assert.equal(status, 400);
      assert.match(body, /a list must have 1 to 1000 requests/);
    });
  }
});
