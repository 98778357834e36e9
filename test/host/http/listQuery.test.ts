import assert from 'node:assert/strict';
import { sortFields } from '../../../src/api/values.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';

describe('q of GET /v1/jobs', () => {
  const host = useInProcessHost();

  it('sorts by each field, in both directions, across pages, with nothing missing or twice', async () => {
    const ids: string[] = [];
    for (const name of ['b', 'A', 'c']) {
      const { job } = await host.client.startJob({ argv: ['sh', '-c', `exit ${ids.length}`], cwd: '/', name });
      await host.client.waitForJob(job.id);
      ids.push(job.id);
    }
    ids.push((await host.client.startJob({ argv: ['sleep', '60'], cwd: '/' })).job.id);
    for (const by of sortFields) {
      for (const sort of [by, `-${by}`]) {
        const found: string[] = [];
        for (let cursor: string | null | undefined; cursor !== null;) {
          const page = await host.client.listJobs({ q: `sort=${sort}`, limit: 1, ...(cursor && { cursor }) });
          assert.equal(page.total, 4);
          found.push(...page.jobs.map(({ id }) => id));
          cursor = page.cursor;
        }
        assert.deepEqual([...found].sort(), [...ids].sort(), sort);
        if (sort === 'name') assert.deepEqual(found, [ids[3], ids[1], ids[0], ids[2]]);
        if (sort === '-exit') assert.deepEqual(found, [ids[2], ids[1], ids[0], ids[3]]);
        if (sort === '-duration') assert.equal(found[0], ids[3]);
      }
    }
  });

  it('is answered with nothing where its statuses and the order leave nothing', async () => {
    const list = await host.client.listJobs({ q: '@running', order: 'ended', session: 'x' });
    assert.deepEqual(list, { jobs: [], total: 0, cursor: null });
    assert.equal((await host.client.listJobs({ q: '@running', status: 'failed' })).total, 0);
  });

  it('refuses a cursor of another list', async () => {
    const { status, body } = await host.ask('GET', '/v1/jobs?q=sort%3Dname&cursor=12');
    assert.equal(status, 400);
    assert.match(body, /cursor: \\"12\\" is not a cursor from an earlier answer/);
  });
});
