import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { MemoryWatch } from '../../../../src/engine/hooks/memoryLimit.ts';
import { startRequest } from '../../../../src/api/start.ts';
import { until } from '../../../helpers/until.ts';
import { fakeTable, self } from '../../../helpers/engine/fakeTable.ts';

describe('the watch over memory', () => {
  const mebibyte = 1024 ** 2;
  const supervisor = { pid: 9_000_501, startTime: '100', bootId: 'this boot' };
  const run = (limitMebibytes?: number) => ({
    target: { runId: `run ${limitMebibytes}`, supervisor, logs: [] },
    job: {
      spec: startRequest.parse({
        argv: ['true'],
        cwd: '/',
        limits: limitMebibytes === undefined ? {} : { memoryBytes: limitMebibytes * mebibyte },
      }),
    },
    maxMemory: 0,
  });
  type Run = ReturnType<typeof run>;

  /** Over a tree of two processes that hold what `state` says. */
  function make() {
    const state: { held: number; looks: number; broken: Error | undefined } = { held: 0, looks: 0, broken: undefined };
    const told: [Run, string][] = [];
    const reported: unknown[] = [];
    const child = { pid: 9_000_502, ppid: supervisor.pid };
    const table = fakeTable([self, { pid: supervisor.pid }, child, { pid: 9_000_503, ppid: child.pid }]);
    const watch = new MemoryWatch<Run>({
      table: {
        ...table,
        scan(since) {
          state.looks++;
          return state.broken ? Promise.reject(state.broken) : table.scan(since);
        },
        memoryOf: (processes) => Promise.resolve((processes.length === 2 ? state.held : 0) * mebibyte),
      },
      exceeded: (one, text) => told.push([one, text]),
      report: (error) => reported.push(error),
    });
    return { state, told, reported, watch, [Symbol.dispose]: () => watch.dispose() };
  }

  it('tells who holds more than it may, once, and what it was', async () => {
    using test = make();
    const [small, large] = [run(100), run(300)];
    test.watch.add(small);
    test.watch.add(large);
    test.state.held = 100;
    await until('it has been looked at', () => (large.maxMemory === 100 * mebibyte ? true : undefined));
    assert.deepEqual(test.told, []);
    test.state.held = 200.5;
    await until('the larger has been looked at again', () => (large.maxMemory > 200 * mebibyte ? true : undefined));
    const looks = test.state.looks;
    await until('and again', () => (test.state.looks > looks + 1 ? true : undefined));
    assert.deepEqual(test.told, [[small, '200.50 MiB in memory, 100.00 MiB allowed']]);
  });

  it('does nothing for runs without a limit, and nothing any more when the last with one has gone', async () => {
    using test = make();
    const timers = await timerCount();
    test.watch.add(run());
    assert.deepEqual([test.state.looks, await timerCount()], [0, timers]);
    const limited = run(100);
    test.watch.add(limited);
    await until('it has been looked at, and waits', async () => ((await timerCount()) > timers ? true : undefined));
    test.watch.remove(limited);
    assert.equal(await timerCount(), timers);
    const { looks } = test.state;
    test.watch.add(limited);
    await until('it is looked at as before', () => (test.state.looks > looks ? true : undefined));
  });

  it('goes on when the processes could not be listed', async () => {
    using test = make();
    test.state.broken = new Error('no list');
    test.state.held = 101;
    test.watch.add(run(100));
    await until('that is reported', () => (test.reported.length > 0 ? true : undefined));
    test.state.broken = undefined;
    await until('it has told', () => (test.told.length > 0 ? true : undefined));
    assert.match(String(test.reported[0]), /no list/);
  });
});

/** Not from within a timer's own turn, in which it still counts. */
async function timerCount(): Promise<number> {
  await setImmediate();
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
