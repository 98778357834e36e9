import assert from 'node:assert/strict';
import type { Metrics } from '../../src/api/host.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs metrics', () => {
  const home = useHome({ BGJOBS_MAX_CONCURRENT_JOBS: '1' });

  it('counts', async () => {
    await home.ended((await home.run(['--', 'true'])).id);
    await home.ended((await home.run(['--', 'false'])).id);
    const running = await home.run(['--session', 'a', '--', 'sleep', '600']);
    await home.reaches(running.id, 'running');
    await home.run(['--session', 'a', '--', 'true']);
    const cancelled = await home.run(['--', 'true']);
    await home.bgjobs(['kill', cancelled.id]);

    const metrics = await home.json<Metrics>(['metrics']);
    assert.deepEqual(
      [metrics.totalJobs, metrics.runningJobs, metrics.completedJobs, metrics.failedJobs, metrics.cancelledJobs],
      [5, 1, 1, 1, 1],
    );
    assert.equal(metrics.queueSize, 1);
    assert.deepEqual(metrics.concurrency, { current: 1, maximum: 1 });
    assert.ok(metrics.averageExecutionTime !== null && metrics.averageExecutionTime >= 0);
    assert.deepEqual(metrics.bySession['a'], { total: 2, running: 1, waiting: 1, finished: 0, failed: 0 });
    assert.deepEqual(
      [metrics.byStatus.running, metrics.byStatus.pending, metrics.byStatus.cancelled, metrics.byStatus.lost],
      [1, 1, 1, 0],
    );
    assert.ok(metrics.systemLoad.cpus > 0);

    const { stdout } = await home.bgjobs(['metrics']);
    assert.match(stdout, /^Jobs +5 \(.*1 running.*\)$/m);
    assert.match(stdout, /^Running +1 of 1$/m);
    assert.match(stdout, /^Session +a: 1 running, 1 waiting, 0 finished$/m);
  });
});
