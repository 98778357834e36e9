import { storageKeys } from '../base/ids.ts';
import type { State } from './markedJobs.ts';

/** When somebody has last looked at the jobs of this workspace. */
export class LastLook {
  readonly #state: State;
  /** That of an earlier window until this one is looked away from: what failed meanwhile stays new while it is looked at. */
  #before: number;

  constructor(state: State) {
    this.#state = state;
    this.#before = state.get(storageKeys.lastLook, 0);
    // What failed before the first window is nobody's news.
    if (this.#before === 0) this.done();
  }

  /** Failures after that time are new. Milliseconds since the epoch. */
  get before(): number {
    return this.#before;
  }

  /** Somebody looks: what has failed until now is no news for the next window. */
  look(): void {
    void this.#state.update(storageKeys.lastLook, Date.now());
  }

  /** All has been seen, for this window too. */
  done(): void {
    this.#before = Date.now();
    this.look();
  }
}
