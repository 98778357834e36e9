import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import type { ActiveRun } from '../../../../src/engine/hooks/hook.ts';
import { OutputTracker } from '../../../../src/engine/output/outputTracker.ts';
import { readiness as createHook } from '../../../../src/engine/hooks/readiness.ts';
import { createProcessTable } from '../../../../src/processes/platform.ts';
import { until } from '../../../helpers/until.ts';
import { StoreFixture, supervisor } from '../../../helpers/engine/storeFixture.ts';

const minute = 60_000;

describe('the time in which a job must be ready', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  function watched(test: StoreFixture, passed: number, ifNotReady: 'keep' | 'stop' = 'keep') {
    const { store } = test;
    const job = test.create({ cwd: test.path, readyWhen: { file: 'up', timeoutMs: 5 * minute, ifNotReady } });
    const run = store.beginRun(job);
    store.runStarted(job, run, supervisor);
    const stopped: unknown[] = [];
    const nothing = (): undefined => undefined;
    const readiness = createHook({
      store,
      tracker: new OutputTracker(store.chunks, { onDropped: nothing, onUnlimited: nothing, onFailure: nothing }),
      table: createProcessTable(),
      now: () => run.startedAt + passed,
      report: (error) => assert.fail(String(error)),
    });
    // What is not looked at here is left out.
    const live = {
      job,
      record: run,
      target: { runId: 'x.1', supervisor, logs: [] },
      isBeingKilled: false,
      expire: (reason) => stopped.push(reason),
    } as Partial<ActiveRun> as ActiveRun;
    readiness.started(live);
    return { readiness, run, live, stopped, events: () => test.events().map(({ type }) => type) };
  }

  it('counts from the start of the run, also for a host that adopts the run', async () => {
    using test = new StoreFixture();
    const { readiness, run, stopped, events } = watched(test, 4 * minute);
    mock.timers.tick(minute - 1);
    assert.equal(run.notReadyAt, null);
    mock.timers.tick(1);
    await until('it is missed', () => run.notReadyAt ?? undefined);
    assert.deepEqual([run.readyAt, run.readyText, stopped], [null, 'not ready within 300 s', []]);
    assert.equal(events().at(-1), 'not_ready');
    readiness.dispose();
  });

  it('ends with one last check, also when it was over before the host started', async () => {
    using test = new StoreFixture();
    writeFileSync(join(test.path, 'up'), '');
    const { run, events, readiness } = watched(test, 9 * minute);
    mock.timers.tick(0);
    await until('it is ready', () => run.readyAt ?? undefined);
    assert.deepEqual([run.notReadyAt, events().at(-1)], [null, 'ready']);
    readiness.dispose();
  });

  it('stops the run if that was requested', async () => {
    using test = new StoreFixture();
    const { stopped, readiness } = watched(test, 0, 'stop');
    mock.timers.tick(5 * minute);
    await until('it is stopped', () => (stopped.length > 0 ? true : undefined));
    assert.deepEqual(stopped, ['not_ready']);
    readiness.dispose();
  });

  it('stops the run also when the host died before it could do so', () => {
    using test = new StoreFixture();
    const { live, stopped, readiness } = watched(test, 0, 'stop');
    test.store.setReadiness(live.job, live.record, { notReadyAt: live.record.startedAt });
    readiness.ended(live);
    readiness.started(live);
    assert.deepEqual(stopped, ['not_ready']);
  });

  it('has no effect when the run has ended or is released', async () => {
    using test = new StoreFixture();
    const { readiness, run, live } = watched(test, 0);
    await readiness.beforeEnd(live, { status: 'failed' });
    readiness.ended(live);
    const other = watched(test, 0);
    other.readiness.dispose();
    mock.timers.tick(10 * minute);
    await new Promise(setImmediate);
    assert.deepEqual([run.notReadyAt, other.run.notReadyAt], [null, null]);
  });
});
