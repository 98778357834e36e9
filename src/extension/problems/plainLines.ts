import { AnsiStripper } from '../output/ansi.ts';

/** A line is looked at when it ends, or when it is this long (characters). */
const longest = 65_536;

/** Whole lines of what comes in pieces, without terminal sequences. */
export class PlainLines {
  readonly #stripper = new AnsiStripper();
  readonly #line: (line: string) => void;
  #rest = '';

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  push(text: string): void {
    const lines = (this.#rest + this.#stripper.push(text)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line.replace(/\r+$/, ''));
    if (this.#rest.length > longest) this.end();
  }

  /** The last line may have no end. */
  end(): void {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
  }
}
