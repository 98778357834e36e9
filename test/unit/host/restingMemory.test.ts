import assert from 'node:assert/strict';
import { RestingMemory } from '../../../src/host/startJobHost.ts';
import { until } from '../../helpers/until.ts';

const megabyte = 1024 * 1024;

describe('the memory of a host at rest', () => {
  /** A process that is told how much it has, and keeps 50 MB whatever it gives back. */
  const memory = () => {
    const found = { megabytes: 65, collections: 0, looks: 0 };
    const parts = {
      collect: () => {
        found.collections++;
        found.megabytes = 50;
      },
      resident: () => {
        found.looks++;
        return found.megabytes * megabyte;
      },
    };
    return { found, changed: new RestingMemory(parts, 5).changed };
  };

  it('is given back after the start, and then not before it has grown', async () => {
    const { found, changed } = memory();
    await until('the first rest', () => found.collections || undefined);
    const before = found.looks;
    changed();
    await until('another look', () => (found.looks > before ? true : undefined));
    assert.equal(found.collections, 1);

    found.megabytes = 70;
    changed();
    await until('the rest after a busy time', () => (found.collections > 1 ? true : undefined));
  });

  it('takes one timer, which keeps no process alive', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const { found, changed } = memory();
    changed();
    changed();
    assert.equal(timers(), before);
    await until('the rest', () => found.collections || undefined);
    assert.equal(found.looks, 2);
  });
});
