import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * A clock on the wall and timers that go only when the test says so. As with real ones, setting the clock moves no timer,
 * and none runs down while the machine sleeps.
 */
export class FakeClock implements Disposable {
  /** Milliseconds since the epoch. */
  now: number;

  constructor(now: number) {
    this.now = now;
    mock.timers.enable({ apis: ['setTimeout'] });
    mock.method(Date, 'now', () => this.now);
  }

  /** Time goes by: at the most to the next timer, or those that are set on the way fire late. */
  tick(ms: number): void {
    this.now += ms;
    mock.timers.tick(ms);
  }

  /** The clock is set, or the machine sleeps. */
  jump(ms: number): void {
    this.now += ms;
  }

  [Symbol.dispose](): void {
    mock.timers.reset();
    mock.restoreAll();
  }
}

/** Whatever is under way in this process has come to rest. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await turn();
}
