import assert from 'node:assert/strict';
import type { ChangeManyResult, WaitManyResult } from '../../../src/api/control.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';

describe('several jobs in one request', () => {
  const host = useInProcessHost();
  const post = async (path: string, body: object): Promise<{ status: number; body: string }> =>
    host.ask('POST', path, { body: JSON.stringify(body) });
  const start = async (name: string, session = 's'): Promise<string> =>
    (await host.client.startJob({ argv: ['sleep', '600'], cwd: '/', name, session })).job.id;

  it('are changed each by itself: what fails does not affect the others', async () => {
    const [a, b] = [await start('a'), await start('b')];
    const { status, body } = await post('/v1/change', { action: 'pause', ids: ['a', 'nobody', b] });
    assert.equal(status, 200);
    const { results } = JSON.parse(body) as ChangeManyResult;
    assert.deepEqual(
      results.map(({ id, job, error }) => [id, job?.id ?? null, job?.status ?? error?.code]),
      [
        ['a', a, 'paused'],
        ['nobody', null, 'job_not_found'],
        [b, b, 'paused'],
      ],
    );
    const resumed = await host.client.changeJobs({ action: 'resume', session: 's' });
    assert.deepEqual(
      resumed.results.map(({ id }) => id),
      [a, b],
    );
  });

  it('must be selected in one way', async () => {
    for (const wrong of [{}, { ids: ['a'], session: 's' }, { ids: [] }]) {
      assert.equal((await post('/v1/change', { action: 'hold', ...wrong })).status, 400);
    }
    assert.equal((await post('/v1/kill', { all: true, q: '@running' })).status, 400);
    assert.equal((await post('/v1/kill', {})).status, 400);
  });

  it('are waited for until the first is over, and the other waits are over then, too', async () => {
    const long = await start('long', 'w');
    const { job } = await host.client.startJob({ argv: ['true'], cwd: '/' });
    const first = await post('/v1/wait', { ids: [long, job.id], until: 'any' });
    assert.deepEqual(
      (JSON.parse(first.body) as WaitManyResult).results.map((one) => one.job.id),
      [job.id],
    );
    const all = await host.client.waitForJobs({ ids: [long, job.id, long], timeoutMs: 50 });
    assert.deepEqual(
      all.results.map((one) => [one.job.id, one.timedOut]),
      [
        [long, true],
        [job.id, false],
      ],
    );
    await host.client.killJobs({ q: 'session=w' });
    assert.equal((await host.client.getJob(long)).status, 'killed');
  });
});
