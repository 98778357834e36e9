import assert from 'node:assert/strict';
import { Executor, type ExecutorParts } from '../../../src/engine/runs/executor.ts';
import { LeftoverScanner } from '../../../src/engine/hooks/orphans.ts';
import type { LiveRun } from '../../../src/engine/runs/liveRun.ts';
import { OutputTracker } from '../../../src/engine/output/outputTracker.ts';
import { OomKills } from '../../../src/engine/hooks/outOfMemory.ts';
import { LocalRunner } from '../../../src/engine/launch/localRunner.ts';
import { createProcessTable } from '../../../src/processes/platform.ts';
import { until } from '../../helpers/until.ts';
import { endProcesses, processesWith } from '../../helpers/engine/processes.ts';
import { StoreFixture } from '../../helpers/engine/storeFixture.ts';

/** An executor on a real store and real processes, where each part can be made to fail. */
function make(test: StoreFixture, change: (parts: ExecutorParts) => Partial<ExecutorParts>) {
  const table = createProcessTable();
  const { store } = test;
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  const tracker = new OutputTracker(store.chunks, {
    onDropped: () => undefined,
    onUnlimited: () => undefined,
    onFailure: () => undefined,
  });
  const leftovers = new LeftoverScanner(table, store, (error) => log(String(error)));
  const runner = new LocalRunner(table);
  const oomKills = new OomKills(() => null);
  const parts = { store, table, runner, tracker, leftovers, oomKills, home: test.path, now: Date.now, log };
  const ended: LiveRun[] = [];
  const events = { begun: () => undefined, waits: () => undefined, ended: (live: LiveRun) => void ended.push(live) };
  const executor = new Executor({ ...parts, ...change(parts) }, events);
  const dispose = async (): Promise<void> => {
    executor.dispose();
    leftovers.dispose();
    await tracker.dispose();
    await endProcesses(`TEST_HOME=${test.path}`);
  };
  return { executor, logged, ended, [Symbol.asyncDispose]: dispose };
}

describe('Executor', () => {
  it('ends what it has started when that cannot be recorded: nothing runs that is not in the store', async () => {
    using test = new StoreFixture();
    const job = test.create({ argv: ['sleep', '60'], cwd: test.path, env: { TEST_HOME: test.path } });
    await using made = make(test, ({ runner }) => ({
      runner: {
        start(plan) {
          const started = runner.start(plan);
          // Just now somebody has filled the disk.
          test.database.exec('PRAGMA max_page_count = 1');
          assert.throws(() => {
            for (;;) test.store.setPinned(job, true);
          }, /full/);
          return started;
        },
        adopt: (plan, supervisor) => runner.adopt(plan, supervisor),
        recordedExit: (directory) => runner.recordedExit(directory),
      },
    }));
    made.executor.start(job, process.env);
    assert.equal(made.executor.live.size, 0);
    assert.equal(made.executor.isIdle, false);
    await until('it is dead', () => (processesWith(`TEST_HOME=${test.path}`).length === 0 ? true : undefined));
    assert.equal(test.stored(job)?.status, 'starting');
    test.database.exec('PRAGMA max_page_count = 1000000');
    await until('the failure is recorded', () => (made.executor.isIdle ? true : undefined));
    assert.equal(test.stored(job)?.status, 'failed');
    const [run] = test.store.runs.ofJob(job.row);
    assert.deepEqual([run?.status, run?.reason, run?.errorCode], ['failed', 'spawn_error', 'spawn_failed']);
    assert.match(run?.errorMessage ?? '', /full/);
    assert.deepEqual(made.ended, []);
  });

  it('records the end of a run though nobody can say what it has left', async () => {
    using test = new StoreFixture();
    const job = test.create({ argv: ['sh', '-c', 'exit 7'], cwd: test.path, env: { TEST_HOME: test.path } });
    await using made = make(test, ({ leftovers }) => {
      leftovers.atEnd = () => Promise.reject(new Error('The list of processes cannot be read'));
      return {};
    });
    made.executor.start(job, process.env);
    await until('it has ended', () => (made.ended.length > 0 ? true : undefined));
    assert.equal(test.stored(job)?.status, 'failed');
    assert.equal(test.store.runs.ofJob(job.row)[0]?.exitCode, 7);
    assert.match(made.logged.join(), /cannot be read/);
  });

  it('puts a SIGKILL of nobody here down to the memory when the kernel has ended something meanwhile', async () => {
    using test = new StoreFixture();
    for (const [counts, reason] of [
      [[4, 5], 'out_of_memory'],
      [[4, 4], 'signal'],
    ] as const) {
      const argv = ['sh', '-c', 'kill -KILL $$'];
      const job = test.create({ argv, cwd: test.path, env: { TEST_HOME: test.path } });
      const left = [...counts];
      await using made = make(test, () => ({ oomKills: new OomKills(() => left.shift() ?? null) }));
      made.executor.start(job, process.env);
      await until('it has ended', () => (made.ended.length > 0 ? true : undefined));
      const [run] = test.store.runs.ofJob(job.row);
      assert.deepEqual([run?.status, run?.signal, run?.reason], ['failed', 'SIGKILL', reason]);
    }
  });
});
