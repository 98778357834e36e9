/** Lets one waiter sleep until it is woken up. A wake-up that comes while it is awake is not lost. */
export class Wakeup {
  readonly #signal: AbortSignal;
  #pending = false;
  #resolve: (() => void) | undefined;

  /** @param signal wakes it up as well */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.wake);
  }

  readonly wake = (): void => {
    this.#pending = true;
    this.#resolve?.();
  };

  async next(): Promise<void> {
    if (!this.#pending && !this.#signal.aborted) await new Promise<void>((resolve) => (this.#resolve = resolve));
    this.#resolve = undefined;
    this.#pending = false;
  }

  dispose(): void {
    this.#signal.removeEventListener('abort', this.wake);
  }
}
