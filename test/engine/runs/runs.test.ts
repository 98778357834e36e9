import assert from 'node:assert/strict';
import type { ChosenHook, HookDeps } from '../../../src/engine/hooks/hook.ts';
import { createOrphans } from '../../../src/engine/hooks/orphans.ts';
import { outOfMemory } from '../../../src/engine/hooks/mainProcess.ts';
import { LocalRunner } from '../../../src/engine/launch/runner.ts';
import type { Runner } from '../../../src/engine/launch/runner.ts';
import { OutputTracker } from '../../../src/engine/output/outputTracker.ts';
import { Runs } from '../../../src/engine/runs/runs.ts';
import { createHooks } from '../../../src/engine/wiring.ts';
import { createProcessTable } from '../../../src/processes/platform.ts';
import { DiskReserve } from '../../../src/disk/diskReserve.ts';
import type { JobRow } from '../../../src/store/jobTable.ts';
import { endProcesses, processesWith } from '../../helpers/engine/processes.ts';
import { StoreFixture } from '../../helpers/engine/storeFixture.ts';
import { until } from '../../helpers/until.ts';

interface Changes {
  runner?: (runner: Runner) => Runner;
  hooks?: (hooks: ChosenHook[]) => ChosenHook[];
}

/** Runs on a real store and real processes, in which each part can be made to fail. */
function make(test: StoreFixture, change: Changes) {
  const table = createProcessTable();
  const { store } = test;
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  const tracker = new OutputTracker(store.chunks, {
    onDropped: () => undefined,
    onUnlimited: () => undefined,
    onFailure: () => undefined,
  });
  const report = (error: unknown): void => log(String(error));
  const deps: HookDeps = { store, table, tracker, settings: { current: { jobTimeoutMs: 0 } }, now: Date.now, report };
  const ended: JobRow[] = [];
  const nothing = (): void => undefined;
  const slots = { took: nothing, requeued: nothing, freed: (job: JobRow) => void ended.push(job) };
  const created = createHooks(deps, createOrphans(deps, nothing));
  const hooks = change.hooks?.(created) ?? created;
  const local = new LocalRunner(table);
  const runner = change.runner?.(local) ?? local;
  const runs = new Runs({
    store,
    disk: new DiskReserve(test.path),
    table,
    runner,
    remote: () => Promise.reject(new Error('nothing runs elsewhere')),
    tracker,
    hooks,
    slots,
    home: test.path,
    now: Date.now,
    log,
  });
  const dispose = async (): Promise<void> => {
    await runs.dispose();
    await tracker.dispose();
    await endProcesses(`TEST_HOME=${test.path}`);
  };
  return { runs, logged, ended, [Symbol.asyncDispose]: dispose };
}

describe('Runs', () => {
  it('ends what it has started when that cannot be recorded: nothing runs that is not in the store', async () => {
    using test = new StoreFixture();
    const job = test.create({ argv: ['sleep', '60'], cwd: test.path, env: { TEST_HOME: test.path } });
    await using made = make(test, {
      runner: (runner) => ({
        async start(plan) {
          const started = await runner.start(plan);
          // Just now somebody has filled the disk.
          test.database.exec('PRAGMA max_page_count = 1');
          assert.throws(() => {
            for (;;) test.store.mark(job, { pinned: true });
          }, /full/);
          return started;
        },
        adopt: (plan, supervisor) => runner.adopt(plan, supervisor),
        recordedExit: (directory) => runner.recordedExit(directory),
        preventStart: (directory) => runner.preventStart(directory),
      }),
    });
    made.runs.start(job, process.env);
    assert.equal(await made.runs.launched(job.id), undefined);
    assert.equal(made.runs.isIdle, false);
    await until('it is dead', () => (processesWith(`TEST_HOME=${test.path}`).length === 0 ? true : undefined));
    assert.equal(test.stored(job)?.status, 'starting');
    test.database.exec('PRAGMA max_page_count = 1000000');
    await until('the failure is recorded', () => (made.runs.isIdle ? true : undefined));
    assert.equal(test.stored(job)?.status, 'failed');
    const [run] = test.store.runs.ofJob(job.row);
    assert.deepEqual([run?.status, run?.reason, run?.errorCode], ['failed', 'spawn_error', 'spawn_failed']);
    assert.match(run?.errorMessage ?? '', /full/);
    assert.deepEqual(
      made.ended.map(({ id }) => id),
      [job.id],
    );
  });

  it('records the end of a run though nobody can say what it has left', async () => {
    using test = new StoreFixture();
    const job = test.create({ argv: ['sh', '-c', 'exit 7'], cwd: test.path, env: { TEST_HOME: test.path } });
    const beforeEnd = () => Promise.reject(new Error('The list of processes cannot be read'));
    await using made = make(test, {
      hooks: (hooks) => hooks.map((one) => (one.hook.name === 'orphans' ? { hook: { ...one.hook, beforeEnd } } : one)),
    });
    made.runs.start(job, process.env);
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
      await using made = make(test, {
        hooks: (hooks) =>
          hooks.map((one) =>
            one.hook.name === 'outOfMemory' ? { hook: outOfMemory(() => left.shift() ?? null) } : one,
          ),
      });
      made.runs.start(job, process.env);
      await until('it has ended', () => (made.ended.length > 0 ? true : undefined));
      const [run] = test.store.runs.ofJob(job.row);
      assert.deepEqual([run?.status, run?.signal, run?.reason], ['failed', 'SIGKILL', reason]);
    }
  });
});
