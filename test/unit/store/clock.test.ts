import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { awakeSince, clock, ClockSteps, startedBy } from '../../../src/store/clock.ts';
import { StoreFixture } from '../../helpers/engine/storeFixture.ts';

const hour = 3_600_000;
/** Milliseconds since the epoch. */
const begin = Date.UTC(2026, 10, 20);

describe('the clocks that nobody sets', () => {
  it('go on, and agree about a second', async () => {
    const before = [clock.awake(), clock.boot()] as const;
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [awake, boot] = [clock.awake() - before[0], clock.boot() - before[1]];
    assert.ok(awake >= 49 && boot >= 0 && Math.abs(awake - boot) < 1100, `${awake} and ${boot} ms`);
  });
});

/** Clocks of a run that was started at `begin` and has gone on for so long. */
function clocks(awakeMs: number, asleepMs = 0): void {
  mock.method(clock, 'awake', () => 5000 + awakeMs);
  mock.method(clock, 'boot', () => 9000 + awakeMs + asleepMs);
}

const run = { startedAt: begin, moment: { awakeAt: 5000, bootAt: 9000 } };

describe('how long a run has lasted', () => {
  afterEach(() => mock.restoreAll());

  it('is known though the clock was set, and without the time asleep', () => {
    clocks(4000, hour);
    for (const set of [0, hour, -hour, 24 * hour, -begin]) assert.equal(awakeSince(run, begin + set), 4000);
  });

  it('comes from the times where an older host has started it', () => {
    clocks(4000);
    for (const moment of [null, undefined, {}]) {
      assert.equal(awakeSince({ startedAt: begin, moment }, begin + 7000), 7000);
      assert.equal(awakeSince({ startedAt: begin, moment }, begin - 7000), 0);
    }
  });
});

describe('the start of a run, told at its end', () => {
  afterEach(() => mock.restoreAll());
  const told = (finishedAt: number): number => startedBy(run, finishedAt, finishedAt + 3);

  it('is what it was, whether or not the machine slept', () => {
    clocks(4003);
    assert.equal(told(begin + 4000), begin);
    // The time of a file comes from a coarser clock.
    clocks(1);
    assert.equal(told(begin - 2), begin);
    clocks(4003, 8 * hour);
    assert.equal(told(begin + 4000 + 8 * hour), begin);
  });

  it('is by the clock as it is now, if that was set: the times are as far apart as it took', () => {
    for (const set of [hour, -hour, -begin]) {
      clocks(4003);
      assert.equal(told(begin + set + 4000), begin + set);
      clocks(4003, 8 * hour);
      assert.equal(told(begin + set + 4000 + 8 * hour), begin + set);
    }
  });

  it('stays when nobody saw the end happen', () => {
    clocks(60_000);
    assert.equal(startedBy(run, begin + hour, begin + 2 * hour), begin);
  });
});

describe('ClockSteps', () => {
  afterEach(() => mock.restoreAll());

  it('tells once by how much the clock was set, also while no host ran', () => {
    using test = new StoreFixture();
    let now = begin;
    clocks(0);
    const steps = (bootId = 'this boot'): ClockSteps => new ClockSteps(test.database, () => now, bootId);
    const first = steps();
    assert.deepEqual([first.read(), first.read()], [0, 0]);
    now += hour;
    assert.deepEqual([first.read(), first.read()], [hour, 0]);
    now -= 2 * hour;
    assert.equal(steps().read(), -2 * hour);
    assert.equal(steps().read(), 0);
    now += 3 * hour;
    assert.equal(steps('the next boot').read(), 0);
  });

  it('tells nothing when the machine slept, or the clock was adjusted a little', () => {
    using test = new StoreFixture();
    let now = begin;
    clocks(0);
    const steps = new ClockSteps(test.database, () => now, 'this boot');
    steps.read();
    clocks(0, 8 * hour);
    now += 8 * hour + 1500;
    assert.equal(steps.read(), 0);
  });

  it('leaves the settings alone', () => {
    using test = new StoreFixture();
    new ClockSteps(test.database, () => begin, 'this boot').read();
    const rows = test.database.prepare('SELECT rowid FROM settings').all() as { rowid: number }[];
    assert.deepEqual(
      rows.map(({ rowid }) => rowid),
      [2],
    );
  });
});
