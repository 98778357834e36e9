import assert from 'node:assert/strict';
import { IdleWatch } from '../../../src/host/startJobHost.ts';
import { until } from '../../helpers/until.ts';

describe('the idle watch', () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

  it('calls back when nothing happens', async () => {
    let calls = 0;
    const watch = new IdleWatch(
      () => true,
      5,
      () => calls++,
    );
    watch.check();
    watch.check();
    await until('it has called back', () => calls || undefined);
    assert.equal(calls, 1);
  });

  it('has a timer only while it is idle', () => {
    let idle = false;
    const before = timers();
    const watch = new IdleWatch(
      () => idle,
      1e6,
      () => assert.fail(),
    );
    watch.check();
    assert.equal(timers(), before);
    idle = true;
    watch.check();
    watch.check();
    assert.equal(timers(), before + 1);
    idle = false;
    watch.check();
    assert.equal(timers(), before);
    idle = true;
    watch.check();
    watch.dispose();
    assert.equal(timers(), before);
  });
});
