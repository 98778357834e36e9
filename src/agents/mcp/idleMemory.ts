import { runInNewContext } from 'node:vm';

/** The time without a message after which a client counts as idle (milliseconds). */
const idleMs = 2000;

/** Loading takes megabytes that Node would keep for as long as little is asked of it. */
export class IdleMemory {
  /** Undefined where cli/entry has not asked for it. */
  readonly #gc = runInNewContext('globalThis.gc') as NodeJS.GCFunction | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Collects once, when nothing has come for a while. */
  wake(): void {
    this.#timer ??= setTimeout(() => this.#gc?.({ type: 'major', flavor: 'last-resort' }), idleMs).unref();
    this.#timer.refresh();
  }
}
