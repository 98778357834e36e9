import type { SimpleCommand } from './shellCommand.ts';

/** Deeper, or more often, a command is wrapped in others by nobody who means well: it is not followed any further. */
const maxDepth = 16;
const maxNested = 1000;

/** What was found in a line or an argument list. */
export class Inspection {
  /** Each has to be allowed. */
  readonly required: SimpleCommand[] = [];
  /** None may be denied. */
  readonly suspects: SimpleCommand[] = [];
  /** Text that could not be parsed: as a whole and in pieces. */
  readonly unparsed: string[] = [];
  /** What nobody can judge. */
  readonly doubts: string[] = [];
  #depth = 0;
  #nested = 0;

  doubt(part: string): void {
    this.doubts.push(part);
  }

  /** Work on something that stands inside something else. */
  nested(part: string, work: () => void): void {
    if (this.#depth >= maxDepth || this.#nested++ >= maxNested) {
      this.doubt(part);
      this.unparsed.push(part);
      return;
    }
    this.#depth++;
    work();
    this.#depth--;
  }
}
