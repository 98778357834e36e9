/** Called when a run's index has grown; with `true`, once, when it has grown for the last time. */
export type GrowthListener = (finished: boolean) => void;

/** Tells when there is more of a run's output. The tracker does; a run that is not tracked grows no more. */
export interface GrowthSource {
  /** Calls back at once, with `true`, for a run that is not tracked. @returns a function that ends it */
  onGrowth(run: number, listener: GrowthListener): () => void;
}

/** Waits for growth; growth while nobody waits is not lost. Whoever makes one disposes it. */
export class GrowthWait {
  #grown = false;
  #finished = false;
  #wake: (() => void) | undefined;
  readonly #signal: AbortSignal;
  readonly #unlisten: () => void;
  readonly #onAbort = (): void => this.#wake?.();

  constructor(source: GrowthSource, run: number, signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort);
    this.#unlisten = source.onGrowth(run, (finished) => {
      this.#grown = true;
      this.#finished ||= finished;
      this.#wake?.();
    });
  }

  /** Nothing comes that is not in the index already. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Until there is more, or the signal is aborted. */
  async next(): Promise<void> {
    if (!this.#grown && !this.#signal.aborted) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#grown = false;
  }

  dispose(): void {
    this.#unlisten();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
