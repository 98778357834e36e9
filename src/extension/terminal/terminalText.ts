import type { Job, Run } from '../../api/job.ts';
import type { Chunk } from '../../api/output.ts';
import type { LeftOut, RunText } from '../output/outputFollower.ts';
import { endText } from '../../text/endText.ts';
import { bytes, type Translate } from '../../text/grammar.ts';

/** A job's output for a terminal: colours as they are, lines that begin at the left, our own remarks dimmed. */
export class TerminalText implements RunText {
  readonly #t: Translate;
  #atLineStart = true;

  constructor(t: Translate) {
    this.#t = t;
  }

  output(chunks: readonly Chunk[], run: Run, { skipped, dropped }: LeftOut): string {
    const text = chunks.map((chunk) => chunk.text).join('');
    const left = skipped + dropped;
    const note =
      left > 0 ? this.note(this.#t('[{0} are left out; the full log is {1}]', bytes(left), run.logs.stdout)) : '';
    if (text !== '') this.#atLineStart = text.endsWith('\n');
    return note + text.replaceAll('\n', '\r\n');
  }

  runStart(_job: Job, run: Run): string {
    return this.note(this.#t('[run {0}]', run.number));
  }

  /** A run that ended well needs no note: the end of the task shows it. */
  runEnd(run: Run): string {
    return run.exitCode === 0 ? '' : this.note(`[${endText(run, this.#t)}]`);
  }

  note(text: string): string {
    const line = `${this.#atLineStart ? '' : '\r\n'}\x1b[2m${text.replaceAll('\n', '\r\n')}\x1b[22m\r\n`;
    this.#atLineStart = true;
    return line;
  }
}
