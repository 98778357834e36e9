/** Lets one waiter sleep until it is woken. A wake-up that arrives while it is awake is not lost. */
export class Wakeup {
  readonly #signal: AbortSignal | undefined;
  #pending = false;
  #resolve: (() => void) | undefined;

  /** @param signal wakes the waiter as well */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
    signal?.addEventListener('abort', this.wake);
  }

  readonly wake = (): void => {
    this.#pending = true;
    this.#resolve?.();
  };

  /** For one waiter at a time. */
  async next(): Promise<void> {
    if (!this.#pending && !this.#signal?.aborted) await new Promise<void>((resolve) => (this.#resolve = resolve));
    this.#resolve = undefined;
    this.#pending = false;
  }

  dispose(): void {
    this.#signal?.removeEventListener('abort', this.wake);
  }
}
