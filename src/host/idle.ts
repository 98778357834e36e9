/** Calls back once nothing has happened for a while. There is a timer only while it is idle, and nothing polls. */
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

  /** To be called whenever isIdle may answer differently from before. */
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

/** Nothing has changed for so long: the host is at rest. */
const restMs = 1000;

/** For less it is not worth it: it takes 20 ms, and code that is in use is compiled anew. */
const worthBytes = 16 * 1024 * 1024;

export interface RestingMemoryParts {
  /** Frees whatever can be freed. */
  readonly collect: () => void;
  /** The memory of the process now, in bytes. */
  readonly resident: () => number;
}

/**
 * Gives back, when the host comes to rest, what its start or a busy time has left: V8 alone would keep it until it is
 * short of memory. Once for each time of rest, so that a host at rest does not wake up.
 */
export class RestingMemory {
  readonly #parts: RestingMemoryParts;
  readonly #timer: NodeJS.Timeout;
  /** After the last time. */
  #least = 0;

  constructor(parts: RestingMemoryParts, afterMs = restMs) {
    this.#parts = parts;
    this.#timer = setTimeout(() => this.#atRest(), afterMs).unref();
  }

  /** To be called whenever something has changed. */
  readonly changed = (): void => void this.#timer.refresh();

  #atRest(): void {
    const { collect, resident } = this.#parts;
    if (resident() < this.#least + worthBytes) return;
    collect();
    this.#least = resident();
  }
}
