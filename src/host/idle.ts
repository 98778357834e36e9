/** Calls back after an idle time. There is a timer only while the host is idle, and nothing polls. */
export class IdleWatch {
  readonly #isIdle: () => boolean;
  readonly #afterMs: number;
  readonly #onIdle: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(isIdle: () => boolean, afterMs: number, onIdle: () => void) {
    this.#isIdle = isIdle;
    this.#afterMs = afterMs;
    this.#onIdle = onIdle;
  }

  /** Call this whenever the result of isIdle may have changed. */
  readonly check = (): void => {
    if (!this.#isIdle()) {
      this.dispose();
    } else {
      this.#timer ??= setTimeout(this.#onIdle, this.#afterMs);
    }
  };

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** The host is at rest when nothing has changed for this long. */
const restMs = 1000;

/** Less growth is not worth a collection, which takes 20 ms and makes V8 compile code in use again. */
const worthBytes = 16 * 1024 * 1024;

export interface RestingMemoryDeps {
  /** Frees as much memory as possible. */
  readonly collect: () => void;
  /** The memory of the process now, in bytes. */
  readonly resident: () => number;
}

/**
 * Frees the memory that the start or a busy time has left behind once the host is at rest: V8 alone would keep it until
 * memory runs short. Once per rest, so that a host at rest does not wake up.
 */
export class RestingMemory {
  readonly #deps: RestingMemoryDeps;
  readonly #timer: NodeJS.Timeout;
  /** Resident memory after the last collection, in bytes. */
  #least = 0;

  constructor(deps: RestingMemoryDeps, afterMs = restMs) {
    this.#deps = deps;
    this.#timer = setTimeout(() => this.#atRest(), afterMs).unref();
  }

  /** Call this whenever something has changed. */
  readonly changed = (): void => void this.#timer.refresh();

  #atRest(): void {
    const { collect, resident } = this.#deps;
    if (resident() < this.#least + worthBytes) return;
    collect();
    this.#least = resident();
  }
}
