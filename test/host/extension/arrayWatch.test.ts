import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArrayWatch } from '../../../src/extension/host/arrayWatch.ts';
import { JobModel } from '../../../src/extension/model/jobModel.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';
import { until } from '../../helpers/until.ts';

describe('the tasks of an array as a window shows them', () => {
  const host = useInProcessHost();

  it('come with the failed ones first, then those that run, by pages, and the counts follow', async () => {
    const script = 'if [ {} -gt 148 ]; then exit 1; fi; [ {} -lt 3 ] && until [ -e go ]; do sleep 0.02; done; true';
    const { job } = await host.client.startJob({
      argv: ['sh', '-c', script],
      cwd: host.home,
      array: { tasks: '1-150%8' },
    });
    const { client } = host;
    const model = new JobModel((_session, _cursor, limit) => client.listJobs({ status: 'finished', limit }));
    const watch = new ArrayWatch({ service: client }, model);
    const ended = new AbortController();
    try {
      model.reset({ jobs: [job], bySession: {}, failures: [] });
      const following = (async () => {
        for await (const event of client.events({ since: 0 }, ended.signal)) model.apply(event);
      })();
      await until('148 tasks have ended', () => (model.job(job.id)?.array?.ended === 148 ? true : undefined));
      const first = await watch.tasks(job.id);
      assert.deepEqual(
        first.tasks.slice(0, 5).map(({ task, status }) => [task?.number, status]),
        [
          [149, 'failed'],
          [150, 'failed'],
          [1, 'running'],
          [2, 'running'],
          [3, 'completed'],
        ],
      );
      assert.deepEqual([first.tasks.length, first.more], [100, true]);
      assert.equal(model.job(first.tasks[0]?.id ?? '')?.task?.number, 149);
      watch.wantMore(job.id);
      const all = await watch.tasks(job.id);
      assert.deepEqual([all.tasks.length, all.more], [150, false]);
      assert.deepEqual(
        model.jobs().map(({ id }) => id),
        [job.id],
      );
      writeFileSync(join(host.home, 'go'), '');
      await until('the array has ended', () => (model.job(job.id)?.array?.ended === 150 ? true : undefined));
      ended.abort();
      await following;
    } finally {
      ended.abort();
      watch.dispose();
    }
  });
});
