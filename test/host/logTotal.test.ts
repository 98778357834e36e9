import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiClient } from '../../src/client/apiClient.ts';
import type { Job } from '../../src/api/job.ts';
import { useHostHome } from '../helpers/jobHost.ts';
import { until } from '../helpers/until.ts';

const mebibyte = 1024 ** 2;

describe('maxTotalLogBytes', function () {
  if (process.platform !== 'linux') return;
  const home = useHostHome();

  const start = async (client: ApiClient, script: string): Promise<Job> =>
    (await client.startJob({ argv: ['sh', '-c', script], cwd: '/' })).job;
  const finished = async (client: ApiClient, script: string): Promise<Job> =>
    (await client.waitForJob((await start(client, script)).id)).job;
  /** What all logs take of the disk, in bytes. */
  const taken = (): number =>
    readdirSync(join(home.path, 'runs')).reduce((sum, run) => {
      const stats = statSync(join(home.path, 'runs', run, 'stdout.log'), { throwIfNoEntry: false });
      return sum + (stats?.blocks ?? 0) * 512;
    }, 0);

  it('removes the oldest finished jobs while a job writes, and then cuts what runs, the largest log first', async () => {
    const client = await home.connect();
    const old = await finished(client, 'yes | head -c 4000000');
    const newer = await finished(client, 'yes | head -c 4000000');
    await client.updateHost({ maxTotalLogBytes: 16 * mebibyte });
    const small = await start(client, 'yes small | head -c 1000000; exec sleep 60');
    const large = await start(client, 'seq 100000000 101000000; echo written >&2; exec sleep 60');
    await client.waitForJob(large.id, { for: '/written/' });
    await until('the oldest job is removed', async () => {
      const { jobs } = await client.listJobs({ status: 'finished' });
      return jobs.some(({ id }) => id === old.id) ? undefined : true;
    });
    assert.equal((await client.getJob(newer.id)).status, 'completed');
    const more = await start(client, 'seq 200000000 203000000; echo written >&2; exec sleep 60');
    await client.waitForJob(more.id, { for: '/written/' });
    await until('the logs take no more than they may', () => (taken() <= 16 * mebibyte ? true : undefined));
    const [cut] = (await client.getJob(more.id)).runs;
    assert.ok(cut!.droppedBytes > 0);
    assert.equal((await client.getJob(small.id)).runs[0]?.droppedBytes, 0);
    // The newest output is there, and readers leave out what is gone.
    const { chunks, droppedBytes } = await client.getOutput(more.id, { stream: 'stdout', since: '0', limit: '50' });
    assert.equal(droppedBytes, cut!.droppedBytes);
    assert.match(chunks.map(({ text }) => text).join(''), /^[0-9\n]+$/);
    let last = '';
    for await (const { text } of client.followOutput(
      more.id,
      { stream: 'stdout', tail: '1' },
      AbortSignal.timeout(2000),
    )) {
      last += text;
      if (/\n$/.test(last)) break;
    }
    assert.match(last, /203000000\n$/);
  });
});
