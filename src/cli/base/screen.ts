// The output of a job on a terminal, whose other content its control codes must not reach.
import { columns } from '../../text/columns.ts';
import { LineTaker } from '../../text/lineTaker.ts';
import { write, type Sink } from './sink.ts';

/** The least time between two frames (milliseconds). */
const frameMs = 50;

/**
 * Shows the output of a job as a terminal would: below the lines that have come to rest, those that may be redrawn, in
 * their states of now. On anything else than a terminal, lines appear when they have come to rest.
 */
export class Screen {
  readonly #sink: Sink;
  readonly #isTerminal: boolean;
  #lines: LineTaker;
  /** What stands below the lines at rest. The cursor is in its last row. */
  #below: readonly string[] = [];
  #shownAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
    this.#isTerminal = sink.isTTY === true;
    this.#lines = new LineTaker({ colours: this.#isTerminal });
  }

  async push(text: string, stream: string): Promise<void> {
    const now = performance.now();
    this.#lines.push(text, now, stream);
    if (now - this.#shownAt >= frameMs) await write(this.#sink, this.#frame(now));
    else this.#timer ??= setTimeout(this.#show, frameMs);
  }

  /** Passes over this text, of which the reader has seen as much as was wanted. A line that has not ended may be shown. */
  skip(text: string, stream: string): void {
    this.#lines.push(text, performance.now(), stream);
    this.#lines.take(Infinity, this.#isTerminal);
  }

  /** Shows the rest. What follows does not continue it. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    const text = this.#erase() + (this.#isTerminal ? this.#lines.end() : this.#lines.take(Infinity));
    this.#lines = new LineTaker({ colours: this.#isTerminal });
    await write(this.#sink, text);
  }

  readonly #show = (): void => {
    this.#sink.write(this.#frame(performance.now()));
  };

  #frame(now: number): string {
    clearTimeout(this.#timer);
    this.#shownAt = now;
    const atRest = this.#lines.take(now, this.#isTerminal);
    const due = this.#lines.dueAt(now);
    this.#timer = due === undefined ? undefined : setTimeout(this.#show, Math.max(frameMs, due - now));
    if (!this.#isTerminal) return atRest;
    const { columns: width = 80, rows: height = 24 } = this.#sink;
    const below = this.#lines
      .pending()
      .slice(1 - height)
      .map((row) => columns(row, 0, width - 1));
    if (atRest === '' && below.join('\n') === this.#below.join('\n')) return '';
    const text = this.#erase() + atRest + below.join('\n');
    this.#below = below;
    return text;
  }

  #erase(): string {
    if (this.#below.length === 0) return '';
    const up = this.#below.length - 1;
    this.#below = [];
    return `${up > 0 ? `\u001B[${up}A` : ''}\r\u001B[J`;
  }
}
