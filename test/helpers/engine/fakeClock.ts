import { mock } from 'node:test';
import { clock } from '../../../src/store/clock.ts';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * Clocks and timers that only advance when the test says so. As in reality, setting the clock does not affect timers and
 * the clocks that nobody sets, and timers stand still while the machine sleeps.
 */
export class FakeClock implements Disposable {
  /** Milliseconds since the epoch. */
  now: number;
  #awake = 0;
  #asleep = 0;

  constructor(now: number) {
    this.now = now;
    mock.timers.enable({ apis: ['setTimeout'] });
    mock.method(Date, 'now', () => this.now);
    mock.method(clock, 'awake', () => this.#awake);
    mock.method(clock, 'boot', () => this.#awake + this.#asleep);
  }

  /** Advances the time, at most to the next timer. Otherwise timers that are set meanwhile would fire late. */
  tick(ms: number): void {
    this.now += ms;
    this.#awake += ms;
    mock.timers.tick(ms);
  }

  /** Lets the machine sleep, or sets the clock back. */
  jump(ms: number): void {
    this.now += ms;
    if (ms > 0) this.#asleep += ms;
  }

  /** Sets the clock, while the machine is awake. */
  set(ms: number): void {
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
