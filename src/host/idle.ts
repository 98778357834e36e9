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
