import assert from 'node:assert/strict';
import { ResourceGuard } from '../../../../src/engine/queue/resourceGuard.ts';
import { until } from '../../../helpers/until.ts';

const mebibyte = 1024 ** 2;

describe('the guard of memory and load', () => {
  function guarded(minFreeMemory: number, maxLoadAverage: number) {
    const machine = { free: 600, load: 3, clock: 0, readings: 0, changes: 0 };
    const guard = new ResourceGuard(
      () => ({ minFreeMemoryBytes: minFreeMemory * mebibyte, maxLoadAverage }),
      () => machine.changes++,
      {
        freeMemory: () => (machine.readings++, machine.free * mebibyte),
        load: () => machine.load,
        now: () => machine.clock,
      },
    );
    return { machine, guard, [Symbol.dispose]: () => guard.dispose() };
  }

  it('holds nothing back while there is enough of both', () => {
    using test = guarded(600, 4);
    assert.equal(test.guard.held(), null);
  });

  it('says what there is too little of, and the number that was set', () => {
    using little = guarded(601, 0);
    assert.equal(little.guard.held(), '600 MiB of memory are free, less than 601 MiB (minFreeMemoryBytes)');
    using busy = guarded(0, 3);
    assert.equal(busy.guard.held(), 'the load average is 3.00, the maximum is 3 (maxLoadAverage)');
  });

  it('reads nothing when nothing is set, and then once a second', () => {
    using off = guarded(0, 0);
    assert.deepEqual([off.guard.held(), off.machine.readings], [null, 0]);
    using test = guarded(601, 0);
    test.guard.held();
    Object.assign(test.machine, { free: 602, clock: 999 });
    assert.notEqual(test.guard.held(), null);
    test.machine.clock = 1000;
    assert.deepEqual([test.guard.held(), test.machine.readings], [null, 2]);
  });

  it('tells once after each request that it may be another now', async () => {
    using test = guarded(601, 0);
    test.guard.recheck();
    test.guard.recheck();
    await until('it has told', () => test.machine.changes > 0 || undefined);
    test.guard.recheck();
    test.guard.dispose();
    using later = guarded(601, 0);
    later.guard.recheck();
    await until('a later one has told', () => later.machine.changes > 0 || undefined);
    assert.equal(test.machine.changes, 1);
  });

  it('reads the machine it is on', () => {
    const all = { minFreeMemoryBytes: Number.MAX_SAFE_INTEGER, maxLoadAverage: 0 };
    const guard = new ResourceGuard(
      () => all,
      () => undefined,
    );
    assert.match(guard.held() ?? '', /^[1-9]\d* MiB of memory are free/);
  });
});
