import assert from 'node:assert/strict';
import { StartTimes } from '../../../../src/engine/queue/startTimes.ts';

const hour = 3_600_000;

describe('the times of starts', () => {
  function make(before: { time: number; session: string }[] = []) {
    const state = { now: 2 * hour, reads: 0 };
    const read = (since: number) => (state.reads++, before.filter(({ time }) => time > since));
    return { state, times: new StartTimes(read, () => state.now) };
  }

  it('let as many start within an hour as the quota says, of a session or of all', () => {
    const { state, times } = make();
    assert.equal(times.nextAfter(2), null);
    times.note('a');
    state.now += 1000;
    times.note('b');
    assert.deepEqual([times.nextAfter(2), times.nextAfter(1), times.nextAfter(3)], [3 * hour, 3 * hour + 1000, null]);
    assert.deepEqual(
      [times.nextAfter(1, 'a'), times.nextAfter(2, 'a'), times.nextAfter(1, 'c')],
      [3 * hour, null, null],
    );
    state.now = 3 * hour;
    assert.deepEqual([times.nextAfter(2), times.nextAfter(1, 'a'), times.nextAfter(1)], [null, null, 3 * hour + 1000]);
  });

  it('are read from the store once, when a quota asks, and not kept before', () => {
    const { state, times } = make([
      { time: hour, session: 'a' },
      { time: hour + 1, session: 'a' },
    ]);
    times.note('a');
    assert.equal(state.reads, 0);
    assert.equal(times.nextAfter(1, 'a'), 2 * hour + 1);
    assert.equal(times.nextAfter(2, 'a'), null);
    assert.equal(state.reads, 1);
  });

  it('move with the clock when it is set', () => {
    const { state, times } = make([{ time: 2 * hour - 1000, session: 'a' }]);
    assert.equal(times.nextAfter(1), 3 * hour - 1000);
    state.now -= hour;
    times.clockStepped(-hour);
    assert.equal(times.nextAfter(1), 2 * hour - 1000);
  });
});
