import stripAnsi from 'strip-ansi';

/** What is not finished after this many characters is taken for text. */
const longestSequence = 8192;

/**
 * A sequence that the text ends in the middle of (ECMA-48 §5.4–5.6): ESC with intermediate bytes, CSI without its final
 * byte, or a control string without its terminator, which may itself be cut behind its ESC.
 */
const unfinished = /\u001B(?:[ -/]*|\[[0-?]*[ -/]*|[\]PX^_k][^\u0007\u0018\u001A\u001B\u0080-\u009F]*\u001B?)$/;

/** Takes terminal sequences out of a stream of text, also those that are cut by the border of two pieces. */
export class AnsiStripper {
  #held = '';

  push(text: string): string {
    const all = this.#held + text;
    const start = all.search(unfinished);
    const end = start < 0 || all.length - start > longestSequence ? all.length : start;
    this.#held = all.slice(end);
    return stripAnsi(all.slice(0, end));
  }

  /** Forgets an unfinished sequence: what comes next does not continue it. */
  reset(): void {
    this.#held = '';
  }
}
