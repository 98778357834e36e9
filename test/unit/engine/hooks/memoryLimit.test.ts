import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { ActiveRun } from '../../../../src/engine/hooks/hook.ts';
import { memoryLimit } from '../../../../src/engine/hooks/limits.ts';
import { until } from '../../../helpers/until.ts';
import { jobRow } from '../../../helpers/engine/jobRow.ts';
import { fakeTable, self } from '../../../helpers/engine/fakeTable.ts';

describe('the memory limit', () => {
  const mebibyte = 1024 ** 2;
  const supervisor = { pid: 9_000_501, startTime: '100', bootId: 'this boot' };

  /** Over a tree of two processes that hold what `state` says. */
  function make() {
    const state: { held: number; looks: number; broken: Error | undefined } = { held: 0, looks: 0, broken: undefined };
    const expired: unknown[] = [];
    const reported: unknown[] = [];
    const child = { pid: 9_000_502, ppid: supervisor.pid };
    const table = fakeTable([self, { pid: supervisor.pid }, child, { pid: 9_000_503, ppid: child.pid }]);
    const hook = memoryLimit({
      table: {
        ...table,
        scan(since) {
          state.looks++;
          return state.broken ? Promise.reject(state.broken) : table.scan(since);
        },
        memoryOf: (processes) => Promise.resolve((processes.length === 2 ? state.held : 0) * mebibyte),
      },
      report: (error) => reported.push(error),
    });
    // What the hook does not use is left out.
    const run = (limitMebibytes?: number): ActiveRun => {
      const limits = limitMebibytes === undefined ? {} : { memoryBytes: limitMebibytes * mebibyte };
      return {
        target: { runId: `run ${limitMebibytes}`, supervisor, logs: [] },
        job: jobRow({ limits }),
        isBeingKilled: false,
        maxMemory: 0,
        expire: (reason, how) => expired.push([limitMebibytes, reason, how]),
      } as Partial<ActiveRun> as ActiveRun;
    };
    return { state, expired, reported, hook, run, [Symbol.dispose]: () => hook.dispose() };
  }

  it('ends a run that holds more than it may, once, and says how much', async () => {
    using test = make();
    const [small, large] = [test.run(100), test.run(300)];
    test.hook.started(small);
    test.hook.started(large);
    test.state.held = 100;
    await until('it has been looked at', () => (large.maxMemory === 100 * mebibyte ? true : undefined));
    assert.deepEqual(test.expired, []);
    test.state.held = 200.5;
    await until('the larger has been looked at again', () =>
      (large.maxMemory ?? 0) > 200 * mebibyte ? true : undefined,
    );
    const looks = test.state.looks;
    await until('and again', () => (test.state.looks > looks + 1 ? true : undefined));
    const how = { signal: 'SIGKILL', graceMs: 0, reasonText: '200.50 MiB in memory, 100.00 MiB allowed' };
    assert.deepEqual(test.expired, [[100, 'out_of_memory', how]]);
  });

  it('does nothing for runs without a limit, and nothing any more when the last with one has gone', async () => {
    using test = make();
    const timers = await timerCount();
    test.hook.started(test.run());
    assert.deepEqual([test.state.looks, await timerCount()], [0, timers]);
    const limited = test.run(100);
    test.hook.started(limited);
    await until('it has been looked at, and waits', async () => ((await timerCount()) > timers ? true : undefined));
    test.hook.ended(limited);
    assert.equal(await timerCount(), timers);
    const { looks } = test.state;
    test.hook.started(limited);
    await until('it is looked at as before', () => (test.state.looks > looks ? true : undefined));
  });

  it('continues when the processes could not be listed', async () => {
    using test = make();
    test.state.broken = new Error('no list');
    test.state.held = 101;
    test.hook.started(test.run(100));
    await until('that is reported', () => (test.reported.length > 0 ? true : undefined));
    test.state.broken = undefined;
    await until('it is ended', () => (test.expired.length > 0 ? true : undefined));
    assert.match(String(test.reported[0]), /no list/);
  });
});

/** Not from within a timer's own turn, in which it still counts. */
async function timerCount(): Promise<number> {
  await setImmediate();
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
