import assert from 'node:assert/strict';
import type { Job } from '../../../src/api/job.ts';
import type { ErrorDocument } from '../../helpers/cli.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';

describe('names in paths of the HTTP API', () => {
  const host = useInProcessHost();
  const start = async (name: string): Promise<Job> =>
    (await host.client.startJob({ argv: ['sleep', '600'], cwd: '/', name })).job;

  it('stand for a job, encoded', async () => {
    const job = await start('my server/1 ä');
    const path = `/v1/jobs/${encodeURIComponent('my server/1 ä')}`;
    const { status, body } = await host.ask('GET', path);
    assert.equal(status, 200);
    assert.equal((JSON.parse(body) as Job).id, job.id);
    const run = await host.ask('GET', `/v1/runs/${encodeURIComponent('my server/1 ä')}.1`);
    assert.equal((JSON.parse(run.body) as { runId: string }).runId, `${job.id}.1`);
    assert.equal((await host.ask('POST', `${path}/kill`)).status, 200);
  });

  it('are answered with the candidates where several jobs are meant', async () => {
    const jobs = [await start('twin'), await start('twin')];
    const { status, body } = await host.ask('POST', '/v1/jobs/twin/kill');
    assert.equal(status, 400);
    const { details } = (JSON.parse(body) as ErrorDocument).error;
    assert.deepEqual(details, {
      jobs: jobs.reverse().map(({ shortId }) => ({ shortId, name: 'twin', status: 'running' })),
    });
  });
});
