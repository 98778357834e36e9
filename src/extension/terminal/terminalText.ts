import type { Job, Run } from '../../api/job.ts';
import type { Output } from '../../api/output.ts';
import { bytes } from '../../text/grammar.ts';
import type { RunText } from '../output/outputFollower.ts';
import { endWords, type Localize } from '../base/jobWords.ts';

/** A job's output as a terminal takes it: colours as they are, lines that begin at the left, our remarks dimmed. */
export class TerminalText implements RunText {
  readonly #t: Localize;
  #atLineStart = true;

  constructor(t: Localize) {
    this.#t = t;
  }

  output(output: Output, run: Run, skipped: number): string {
    const text = output.chunks.map((chunk) => chunk.text).join('');
    const dropped = skipped + output.droppedBytes;
    const note =
      dropped > 0 ? this.note(this.#t('[{0} are left out; the full log is {1}]', bytes(dropped), run.logs.stdout)) : '';
    if (text !== '') this.#atLineStart = text.endsWith('\n');
    return note + text.replaceAll('\n', '\r\n');
  }

  runStart(_job: Job, run: Run): string {
    return this.note(this.#t('[run {0}]', run.number));
  }

  /** What ended well needs no word: the task's own end says it. */
  runEnd(run: Run): string {
    return run.exitCode === 0 ? '' : this.note(`[${endWords(run, this.#t)}]`);
  }

  note(text: string): string {
    const line = `${this.#atLineStart ? '' : '\r\n'}\x1b[2m${text.replaceAll('\n', '\r\n')}\x1b[22m\r\n`;
    this.#atLineStart = true;
    return line;
  }
}
