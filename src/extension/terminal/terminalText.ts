import type { Job, Run } from '../../api/job.ts';
import type { Chunk } from '../../api/output.ts';
import { endText } from '../../text/endText.ts';
import { bytes, type Translate } from '../../text/grammar.ts';
import { replayed, usualModes } from '../../text/replay.ts';
import type { LeftOut, RunText } from '../output/outputFollower.ts';

/** A job's output for a terminal: colours as they are, lines that begin at the left, our own remarks dimmed. */
export class TerminalText implements RunText {
  readonly #t: Translate;
  readonly #isRaw: boolean;
  #atLineStart = true;

  /** @param isRaw the output was written for a terminal: its line feeds are no new lines */
  constructor(t: Translate, isRaw = false) {
    this.#t = t;
    this.#isRaw = isRaw;
  }

  output(chunks: readonly Chunk[], _run: Run, { skipped, dropped }: LeftOut): string {
    const text = chunks.map((chunk) => chunk.text).join('');
    const left = skipped + dropped;
    const note = left > 0 ? this.note(this.#t('[{0} not shown. Use Open Logs to see everything.]', bytes(left))) : '';
    if (text !== '') this.#atLineStart = text.endsWith('\n');
    return note + (this.#isRaw ? text : text.replaceAll('\n', '\r\n'));
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

/** The same for who attaches to a job: every end is told, and what a program has asked its terminal before is not asked. */
export class AttachedText extends TerminalText {
  readonly #t: Translate;
  readonly #isRaw: boolean;
  readonly #before: { run: number | null; bytes: number };

  /** @param before what was written before anybody looked (bytes of a run) */
  constructor(t: Translate, isRaw: boolean, before: { run: number | null; bytes: number }) {
    super(t, isRaw);
    this.#t = t;
    this.#isRaw = isRaw;
    this.#before = before;
  }

  override output(chunks: readonly Chunk[], run: Run, leftOut: LeftOut): string {
    const text = super.output(chunks, run, leftOut);
    const isOld = run.number === this.#before.run && chunks.every(({ seq }) => seq <= this.#before.bytes);
    return this.#isRaw && isOld ? replayed(text, leftOut.skipped === 0) : text;
  }

  override runEnd(run: Run): string {
    return (this.#isRaw ? usualModes : '') + this.note(`[${endText(run, this.#t)}]`);
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
