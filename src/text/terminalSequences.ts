import stripAnsi from 'strip-ansi';

/** A sequence that has not ended after this many characters is treated as text. */
const longestSequence = 8192;

/**
 * A sequence that the end of the text cuts (ECMA-48 §5.4–5.6): ESC with intermediate bytes, CSI without its final byte,
 * or a control string without its terminator, which itself may be cut after its ESC.
 */
const unfinished = /\u001B(?:[ -/]*|\[[0-?]*[ -/]*|[\]PX^_k][^\u0007\u0018\u001A\u001B\u0080-\u009F]*\u001B?)$/;

/**
 * Turns the decoded output of a program into plain text by removing terminal sequences, also those that are cut between
 * two pieces. Every reader of text passes its input through here before it looks for lines, so this is the place to
 * render redrawn lines (CR, backspace, cursor movements).
 */
export class TerminalFilter {
  #held = '';

  push(text: string): string {
    const all = this.#held + text;
    const start = all.includes('\u001B') ? all.search(unfinished) : -1;
    const end = start < 0 || all.length - start > longestSequence ? all.length : start;
    this.#held = all.slice(end);
    return stripAnsi(all.slice(0, end));
  }

  /** Discards an unfinished sequence, because the next text does not continue it. */
  reset(): void {
    this.#held = '';
  }
}

/** The same for a text that is read at once; an unfinished sequence at its end is removed. */
export function withoutSequences(text: string): string {
  if (text.includes('\u001B')) return new TerminalFilter().push(text);
  return text.includes('\u009B') ? stripAnsi(text) : text;
}
