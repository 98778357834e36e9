import type { Job, Run } from '../../api/job.ts';
import type { Chunk } from '../../api/output.ts';
import { endText } from '../../text/endText.ts';
import { bytes, type Translate } from '../../text/grammar.ts';
import type { LeftOut, RunText } from '../output/outputFollower.ts';

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

/** What a key press comes to: what the terminal shows of it, and what the job is given. */
interface Typed {
  echo: string;
  /** Whole lines. */
  send: string;
  interrupt: boolean;
  endOfFile: boolean;
}

/** Edits a line as a terminal does: typed text is echoed, can be deleted, and is sent with Enter. */
export class LineInput {
  #line = '';

  /** @param data what has been typed or pasted */
  push(data: string): Typed {
    const typed: Typed = { echo: '', send: '', interrupt: false, endOfFile: false };
    for (const character of data.replaceAll('\r\n', '\r')) this.#type(character, typed);
    return typed;
  }

  #type(character: string, typed: Typed): void {
    switch (character) {
      case '\r':
      case '\n':
        typed.send += `${this.#take()}\n`;
        typed.echo += '\r\n';
        break;
      case '\x7f':
      case '\b':
        if (this.#line !== '') typed.echo += '\b \b';
        this.#line = [...this.#line].slice(0, -1).join('');
        break;
      case '\x03':
        this.#take();
        typed.interrupt = true;
        typed.echo += '^C\r\n';
        break;
      case '\x04':
        // After typed text it sends that text, and does not end the input.
        if (this.#line === '') typed.endOfFile = true;
        else typed.send += this.#take();
        break;
      default:
        if (character < ' ' && character !== '\t') return;
        this.#line += character;
        typed.echo += character;
    }
  }

  #take(): string {
    const line = this.#line;
    this.#line = '';
    return line;
  }
}
