const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Until it is disposed, a signal that would end this process aborts the current work instead; a second one ends it. */
export class Interruption {
  readonly #controller = new AbortController();
  /** The first signal received. */
  by: (typeof signals)[number] | undefined;

  constructor() {
    for (const signal of signals) process.on(signal, this.#interrupt);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of signals) process.off(signal, this.#interrupt);
  }

  readonly #interrupt = (signal: NodeJS.Signals): void => {
    this.by ??= signals.find((each) => each === signal);
    this[Symbol.dispose]();
    this.#controller.abort();
  };
}
