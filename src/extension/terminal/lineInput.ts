/** What a key press comes to: what the terminal shows of it, and what the job is given. */
export interface Typed {
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
      case '\b': {
        const characters = [...this.#line];
        if (characters.pop() !== undefined) typed.echo += '\b \b';
        this.#line = characters.join('');
        break;
      }
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
