/**
 * Splits text that arrives in pieces into lines, without their newlines. A line that grows longer than the limit is
 * returned as soon as it does, as it is by then, and its rest is skipped; so memory is bounded, and a line of more than
 * `longest` characters is one that was cut.
 */
export class LineSplitter {
  readonly #longest: number;
  #line = '';
  #skipping = false;

  /** @param longest in UTF-16 units */
  constructor(longest = Infinity) {
    this.#longest = longest;
  }

  /** The lines that end within this piece. */
  *push(piece: string): Generator<string, void, void> {
    for (let at = 0; at < piece.length;) {
      const found = piece.indexOf('\n', at);
      const end = found < 0 ? piece.length : found;
      if (!this.#skipping) {
        this.#line += piece.slice(at, end);
        const isTooLong = this.#line.length > this.#longest;
        this.#skipping = isTooLong;
        if (isTooLong || found >= 0) yield this.#take();
      }
      if (found >= 0) this.#skipping = false;
      at = end + 1;
    }
  }

  /** The last line, when it has no newline; empty when there is none. */
  end(): string {
    return this.#take();
  }

  /** Drops the unfinished line and its rest, because what follows does not continue it. */
  skipLine(): void {
    this.#line = '';
    this.#skipping = true;
  }

  #take(): string {
    const line = this.#line;
    this.#line = '';
    return line;
  }
}
