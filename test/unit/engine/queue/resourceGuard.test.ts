import assert from 'node:assert/strict';
import { resourceGuard } from '../../../../src/engine/queue/waitingQueue.ts';
import { defaultSettings } from '../../../../src/api/host.ts';

const mebibyte = 1024 ** 2;

describe('the guard of memory, disk and load', () => {
  function guarded(minFreeMemory: number, maxLoadAverage: number, minFreeDisk = 0) {
    const machine = { free: 600, disk: 70, load: 3, clock: 0, readings: 0 };
    const current = {
      ...defaultSettings,
      minFreeMemoryBytes: minFreeMemory * mebibyte,
      minFreeDiskBytes: minFreeDisk * mebibyte,
      maxLoadAverage,
    };
    const guard = resourceGuard({ current }, () => (machine.readings++, machine.disk * mebibyte), {
      freeMemory: () => (machine.readings++, machine.free * mebibyte),
      load: () => machine.load,
      now: () => machine.clock,
    });
    return { machine, guard };
  }

  it('holds nothing back while there is enough memory and the load is low', () => {
    const test = guarded(600, 4);
    assert.equal(test.guard(), null);
  });

  it('names the resource that is short and the threshold', () => {
    const little = guarded(601, 0);
    assert.equal(little.guard(), '600 MiB of memory are free, less than 601 MiB (minFreeMemoryBytes)');
    const full = guarded(0, 0, 71);
    assert.equal(full.guard(), '70 MiB of the disk are free, less than 71 MiB (minFreeDiskBytes)');
    assert.equal(guarded(0, 0, 70).guard(), null);
    const busy = guarded(0, 3);
    assert.equal(busy.guard(), 'the load average is 3.00, the maximum is 3 (maxLoadAverage)');
  });

  it('does not read the machine when no threshold is set', () => {
    const test = guarded(0, 0);
    assert.deepEqual([test.guard(), test.machine.readings], [null, 0]);
  });

  it('reads the machine once a second', () => {
    const test = guarded(601, 0);
    test.guard();
    Object.assign(test.machine, { free: 602, clock: 999 });
    assert.notEqual(test.guard(), null);
    test.machine.clock = 1000;
    assert.deepEqual([test.guard(), test.machine.readings], [null, 2]);
  });

  it('reads the machine it is on', () => {
    const current = { ...defaultSettings, minFreeMemoryBytes: Number.MAX_SAFE_INTEGER };
    const guard = resourceGuard({ current }, () => 0);
    assert.match(guard() ?? '', /^[1-9]\d* MiB of memory are free/);
  });
});
