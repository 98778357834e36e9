/** For how long a look counts (milliseconds). */
const lookMs = 15_000;

/** Whether somebody looks at jobs. What costs something to know is then kept fresh. */
export class Attention {
  #open = 0;
  #lookedAt = -Infinity;
  /** Called when somebody looks after a while in which nobody did. */
  onLook: (() => void) | undefined;

  get isPaid(): boolean {
    return this.#open > 0 || performance.now() - this.#lookedAt < lookMs;
  }

  look(): void {
    const wasPaid = this.isPaid;
    this.#lookedAt = performance.now();
    if (!wasPaid) this.onLook?.();
  }

  /** Somebody looks until that has come. */
  async until<T>(work: Promise<T>): Promise<T> {
    this.look();
    this.#open++;
    try {
      return await work;
    } finally {
      this.#open--;
    }
  }

  /** Somebody looks as long as the stream is open. */
  async *during<T>(stream: AsyncIterable<T>): AsyncGenerator<T> {
    this.look();
    this.#open++;
    try {
      yield* stream;
    } finally {
      this.#open--;
    }
  }
}
