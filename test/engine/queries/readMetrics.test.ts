import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { metrics as schema } from '../../../src/api/host.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';

describe('the metrics of an engine', () => {
  it('count what there is', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 2 });
    assert.equal((await test.engine.getMetrics()).averageExecutionTime, null);
    const durations: number[] = [];
    for (const script of ['exit 0', 'exit 1', 'sleep 0.1']) {
      durations.push((await test.ended(await test.sh(script, { session: 'a' }))).durationMs ?? NaN);
    }
    const running = await test.up('echo up; exec sleep 60', { session: 'a' });
    await test.engine.pauseJob((await test.up('echo up; exec sleep 60', { session: 'b' })).id);
    const [pending] = [await test.start({ session: 'b' }), await test.start({ session: 'b' })];
    await test.start({ session: 'b', held: true });
    await test.engine.killJob(pending.id);

    const metrics = schema.parse(await test.engine.getMetrics());
    assert.deepEqual(
      [metrics.totalJobs, metrics.runningJobs, metrics.completedJobs, metrics.failedJobs, metrics.cancelledJobs],
      [8, 2, 2, 1, 1],
    );
    assert.deepEqual([metrics.queueSize, metrics.concurrency], [1, { current: 2, maximum: 2 }]);
    assert.deepEqual(metrics.bySession, {
      a: { total: 4, running: 1, waiting: 0, finished: 3, failed: 1 },
      b: { total: 4, running: 1, waiting: 2, finished: 1, failed: 0 },
    });
    assert.deepEqual(Object.fromEntries(Object.entries(metrics.byStatus).filter(([, count]) => count > 0)), {
      held: 1,
      pending: 1,
      running: 1,
      paused: 1,
      completed: 2,
      failed: 1,
      cancelled: 1,
    });
    assert.equal(metrics.averageExecutionTime, durations.reduce((sum, ms) => sum + ms) / 3);
    assert.ok(metrics.systemLoad.cpus > 0 && metrics.systemLoad.totalMemoryBytes > metrics.systemLoad.freeMemoryBytes);
    await test.engine.killJob(running.id);
    assert.equal((await test.engine.getMetrics()).cancelledJobs, 2);
  });

  it('count sessions of any name', async () => {
    await using test = await EngineFixture.open();
    const names = ['__proto__', 'constructor', 'toString', 'a b'];
    for (const session of names) await test.start({ session, held: true });
    const { bySession } = await test.engine.getMetrics();
    assert.deepEqual(Object.keys(bySession).sort(), names.sort());
    for (const name of names) {
      const counts = Object.getOwnPropertyDescriptor(bySession, name)?.value as unknown;
      assert.deepEqual(counts, { total: 1, running: 0, waiting: 1, finished: 0, failed: 0 });
    }
    assert.ok(!('total' in {}));
  });
});

describe('the settings of an engine', () => {
  it('are defaults, under what was stored, under what the environment says', async () => {
    await using test = await EngineFixture.open({ jobTimeoutMs: 5000 });
    const before = await test.engine.getHost();
    assert.deepEqual([before.settings.maxConcurrentJobs, before.settings.jobTimeoutMs], [10, 5000]);
    const after = await test.engine.updateHost({ maxConcurrentJobs: 3, jobTimeoutMs: 1 });
    assert.deepEqual([after.settings.maxConcurrentJobs, after.settings.jobTimeoutMs], [3, 5000]);
    await test.close();
    await test.open();
    const { settings, limits, version, home, pid, warnings } = await test.engine.getHost();
    assert.deepEqual([settings.maxConcurrentJobs, settings.jobTimeoutMs, settings.keepFinishedJobs], [3, 5000, 1000]);
    assert.deepEqual(limits, { maxConcurrentJobs: 3, maxConcurrentJobsPerSession: 5, sessionLimits: {} });
    assert.deepEqual([version, home, pid, warnings], ['1.2.3', test.home, process.pid, []]);
  });

  it('are the defaults where what was stored cannot be read', async () => {
    await using test = await EngineFixture.open();
    await test.engine.updateHost({ maxConcurrentJobs: 3 });
    for (const value of ['{', 'null', '{"maxConcurrentJobs": "many"}']) {
      await test.close();
      {
        using database = new DatabaseSync(test.path('jobs.db'));
        database.prepare('UPDATE settings SET value = ?').run(value);
      }
      await test.open();
      assert.equal((await test.engine.getHost()).settings.maxConcurrentJobs, 10);
    }
  });

  it('refuse what cannot be', async () => {
    await using test = await EngineFixture.open();
    for (const update of [{ maxConcurrentJobs: -1 }, { cleanupIntervalMs: 999 }, { nosuch: 1 }]) {
      await assert.rejects(test.engine.updateHost(update), failure('invalid_request'));
    }
    assert.equal((await test.engine.getHost()).settings.maxConcurrentJobs, 10);
  });
});
