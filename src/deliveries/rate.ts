/** The most messages that a hook gets in a minute: what a thousand jobs, or a hook that starts jobs, would send. */
const mostPerMinute = 30;
const minuteMs = 60_000;

/** Lets so many through in each minute, and tells at its end how many were not. */
export class Rate {
  readonly #onMore: (count: number) => void;
  #let = 0;
  #more = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(onMore: (count: number) => void) {
    this.#onMore = onMore;
  }

  /** Whether there is room for one more. */
  take(): boolean {
    this.#timer ??= setTimeout(() => this.#ended(), minuteMs).unref();
    if (this.#let >= mostPerMinute) {
      this.#more++;
      return false;
    }
    this.#let++;
    return true;
  }

  #ended(): void {
    const more = this.#more;
    this.#timer = undefined;
    this.#let = 0;
    this.#more = 0;
    if (more > 0) this.#onMore(more);
  }
}
