import assert from 'node:assert/strict';
import { dueTimes } from '../../../../src/engine/queue/schedules.ts';
import { FakeClock } from '../../../helpers/engine/fakeClock.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Times on a fake clock, and what they have told. */
class Told implements Disposable {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 20));
  readonly begin = this.clock.now;
  readonly told: (string | number)[][] = [];
  step = 0;
  readonly times = dueTimes(
    { now: () => this.clock.now, clockStep: () => this.#takeStep() },
    {
      due: (ids) => this.told.push([this.clock.now - this.begin, ...ids]),
      setBack: () => this.told.push([this.clock.now - this.begin, 'set back']),
      stepped: (byMs) => this.told.push([this.clock.now - this.begin, 'stepped', byMs]),
    },
  );

  set(id: string, inMs: number): void {
    this.times.set(id, this.begin + inMs);
  }

  /** Awake, with every timer at its time. */
  pass(ms: number): unknown[] {
    for (let left = ms; left > 0; left -= 500) this.clock.tick(Math.min(left, 500));
    return this.told.splice(0);
  }

  #takeStep(): number {
    const { step } = this;
    this.step = 0;
    return step;
  }

  [Symbol.dispose](): void {
    this.times.dispose();
    this.clock[Symbol.dispose]();
  }
}

describe('dueTimes', () => {
  it('reports each time once when it is due, and forgets it', () => {
    using test = new Told();
    test.set('later', 90 * minute);
    test.set('soon', 1500);
    assert.deepEqual([test.times.has('soon'), test.times.has('later')], [true, true]);
    assert.deepEqual(test.pass(1000), []);
    assert.deepEqual(test.pass(1000), [[1500, 'soon']]);
    assert.deepEqual([test.times.has('soon'), test.times.has('later')], [false, true]);
    assert.deepEqual(test.pass(3 * hour), [[90 * minute, 'later']]);
    assert.equal(test.times.has('later'), false);
  });

  it('reports times that are due together in one call, earliest first', () => {
    using test = new Told();
    for (const [id, ms] of [
      ['b', 1000],
      ['a', 1000],
      ['late', 700],
      ['tomorrow', 24 * hour],
    ] as const)
      test.set(id, ms);
    test.clock.jump(2000);
    assert.deepEqual(test.pass(1000), [[3000, 'late', 'b', 'a']]);
  });

  it('reports past times at once', () => {
    using test = new Told();
    test.set('over', -5 * hour);
    test.clock.tick(1);
    assert.deepEqual(test.told, [[1, 'over']]);
  });

  it('reports the new time of a changed entry, and nothing for a removed one', () => {
    using test = new Told();
    test.set('changed', 1000);
    test.set('changed', 5000);
    test.set('gone', 2000);
    assert.deepEqual([test.times.delete('gone'), test.times.delete('gone')], [true, false]);
    assert.deepEqual(test.pass(10_000), [[5000, 'changed']]);
  });

  it('accepts new times from its own callback', () => {
    using test = new Told();
    const times: ReturnType<typeof dueTimes> = dueTimes(
      { now: () => test.clock.now, clockStep: () => 0 },
      {
        due: ([id = '']) => {
          test.told.push([id]);
          if (id !== 'd') times.set(String.fromCharCode(id.charCodeAt(0) + 1), test.clock.now + 1000);
        },
        setBack: assert.fail,
        stepped: () => assert.fail('nobody set the clock'),
      },
    );
    times.set('a', test.clock.now + 1000);
    assert.deepEqual(test.pass(hour), [['a'], ['b'], ['c'], ['d']]);
  });

  it('notices within a minute that the machine has slept or that the clock was set forward', () => {
    using test = new Told();
    test.set('missed', 2 * hour);
    test.clock.jump(9 * hour);
    assert.deepEqual(test.pass(minute), [[9 * hour + minute, 'missed']]);
  });

  it('waits longer when the clock is set back by minutes, and reports nothing twice', () => {
    using test = new Told();
    test.set('first', 10 * minute);
    test.set('second', 20 * minute);
    assert.deepEqual(test.pass(10 * minute), [[10 * minute, 'first']]);
    test.clock.jump(-9 * minute);
    assert.deepEqual(test.pass(hour), [[20 * minute, 'second']]);
  });

  it('reports once that the clock was set back by more than an hour', () => {
    using test = new Told();
    test.set('tomorrow', 24 * hour);
    test.pass(3 * hour);
    test.clock.jump(-2 * hour);
    assert.deepEqual(test.pass(10 * minute), [[hour + minute, 'set back']]);
  });

  it('reports it also when a time was set just after that', () => {
    using test = new Told();
    test.set('tomorrow', 24 * hour);
    test.pass(3 * hour);
    test.clock.jump(-2 * hour);
    test.set('soon', hour + 1000);
    assert.deepEqual(test.pass(minute), [
      [hour + 1000, 'set back'],
      [hour + 1000, 'soon'],
    ]);
  });

  it('tells of a step of the clock before it tells what is due, and when a time is set', () => {
    using test = new Told();
    test.set('first', hour);
    test.step = 2 * hour;
    test.clock.set(2 * hour);
    assert.deepEqual(test.pass(minute), [
      [2 * hour + minute, 'stepped', 2 * hour],
      [2 * hour + minute, 'first'],
    ]);
    test.set('second', 5 * hour);
    test.step = -hour;
    test.set('third', 6 * hour);
    assert.deepEqual(test.told.splice(0), [[2 * hour + minute, 'stepped', -hour]]);
  });

  it('ignores a clock that was set back while nothing was waiting', () => {
    using test = new Told();
    test.set('first', 1000);
    test.pass(1000);
    test.clock.jump(-2 * hour);
    test.set('second', -2 * hour + 5000);
    assert.deepEqual(test.pass(hour), [[-2 * hour + 5000, 'second']]);
  });

  it('has a timer only while it waits for something', () => {
    using test = new Told();
    test.set('soon', 1000);
    test.times.delete('soon');
    test.set('later', 2000);
    test.times.dispose();
    assert.deepEqual(test.pass(hour), []);
  });
});
