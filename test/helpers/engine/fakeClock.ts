import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * A wall clock and timers that only advance when the test says so. As in reality, setting the clock does not affect
 * timers, and timers stand still while the machine sleeps.
 */
export class FakeClock implements Disposable {
  /** Milliseconds since the epoch. */
  now: number;

  constructor(now: number) {
    this.now = now;
    mock.timers.enable({ apis: ['setTimeout'] });
    mock.method(Date, 'now', () => this.now);
  }

  /** Advances the time, at most to the next timer. Otherwise timers that are set meanwhile would fire late. */
  tick(ms: number): void {
    this.now += ms;
    mock.timers.tick(ms);
  }

  /** Sets the clock, or lets the machine sleep. */
  jump(ms: number): void {
    this.now += ms;
  }

  [Symbol.dispose](): void {
    mock.timers.reset();
    mock.restoreAll();
  }
}

/** Resolves when all pending work in this process is done. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await turn();
}
