// What a terminal shows of the output of a program: redrawn lines in their last state.
import { columns, widthOf } from './columns.ts';
import { coloured, coloursAfter, cursorMoves, nextControl, numbersOf, readControl } from './controls.ts';
import { withoutColours, type Control } from './controls.ts';
import { farthestColumn, height, longestRedrawn, longestRow, newRow } from './rows.ts';
import { passingLines, shownRow, widthOfRow } from './rows.ts';
import type { Margins, RendererOptions, Row } from './rows.ts';

/**
 * Renders decoded output as a terminal does that is 50 rows high and 65,536 columns wide. It knows CR, LF, backspace and
 * tab, and the sequences that erase in the line and in the display, that move the cursor, that set which rows scroll, and
 * that switch to the alternate screen; all others are dropped.
 * The text may be cut anywhere. A frame of more than 50 rows is drawn over its last 50, as a terminal does it.
 */
export class LineRenderer {
  readonly #options: RendererOptions;
  readonly #rows: Row[] = [];
  /** The sequence that is cut at the end of a source. */
  readonly #held = new Map<string, string>();
  /** The text of rows that have left the screen. */
  #above = '';
  #y = 0;
  #margins: Margins = [0, height];
  /** Column of the cursor; undefined: right behind the text of its row. */
  #column: number | undefined;
  /** The row of the cursor has a state that was not told yet. */
  #isNewState = false;
  #colours = '';
  #now = 0;
  /** The alternate screen, while a program draws on it. As in a terminal, nothing of it stays, and nothing above it goes. */
  #alternate: LineRenderer | undefined;
  #source = '';

  constructor(options: RendererOptions = {}) {
    this.#options = options;
  }

  /**
   * @param now milliseconds, for readers that wait until a row is quiet
   * @param source of the text: a sequence that is cut continues in the same one
   */
  push(text: string, now = 0, source = ''): void {
    this.#now = now;
    this.#source = source;
    const held = this.#held.get(source);
    if (held !== undefined) this.#held.delete(source);
    const whole = held === undefined ? text : held + text;
    const all = this.#options.colours ? whole : withoutColours(whole);
    for (let at = 0; at < all.length;) {
      const start = nextControl(all, at);
      if (start > at) this.#lines(all.slice(at, start));
      const found = start < all.length ? readControl(all, start) : undefined;
      if (found === null) this.#held.set(source, all.slice(start));
      else if (found) this.#control(found);
      at = found ? start + found.whole.length : all.length;
    }
  }

  /** Adds a line of our own. It begins at the beginning of a row below everything, and what follows it below it. */
  note(line: string, now = 0): void {
    this.#now = now;
    this.#margins = [0, height];
    this.#moveTo(Math.max(this.#y, this.#rows.length - 1), undefined);
    if (this.#rows[this.#y]?.text) this.#lineFeed();
    this.#lines(`${line}\n`);
  }

  /** The rows on the screen, from the top, each with its newline; the last one has none. */
  *rows(): Generator<[row: Row, lineEnd: string, isLast: boolean], void, void> {
    let last = this.#rows.length - 1;
    // Those below the cursor that were erased are not there.
    while (last > this.#y && this.#rows[last]!.text === '') last--;
    for (let index = 0; index <= last; index++) {
      const isLast = index === last;
      yield [this.#rows[index]!, isLast || this.#rows[index + 1]!.isContinuation ? '' : '\n', isLast];
    }
  }

  /** All of the text so far. */
  text(): string {
    let text = this.#above;
    for (const [row, lineEnd] of this.rows()) text += shownRow(row) + lineEnd;
    const over = this.#alternate?.text() ?? '';
    return text + (text === '' || over === '' || text.endsWith('\n') ? '' : '\n') + over;
  }

  /** The state of the current line, if it was not told yet. */
  state(): string | undefined {
    if (this.#alternate) return this.#alternate.state();
    return this.#isNewState ? shownRow(this.#row()) : undefined;
  }

  #lines(text: string): void {
    if (this.#alternate) return this.#alternate.#lines(text);
    for (let at = this.#pass(text); at < text.length;) {
      const newline = text.indexOf('\n', at);
      const end = newline < 0 ? text.length : newline;
      // A CR right before the newline is part of it.
      this.#states(text.slice(at, newline > at && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end));
      if (newline >= 0) this.#lineFeed();
      at = end + 1;
    }
  }

  /** In a flood most lines come and go within one text: they need no rows. @returns how much of the text has passed */
  #pass(text: string): number {
    const [top, bottom] = this.#margins;
    const isPlain = this.#colours === '' && bottom - top === height;
    const passing = isPlain ? passingLines(text, this.#options) : undefined;
    if (!passing) return 0;
    this.#lines(text.slice(0, passing.from));
    const row = this.#row();
    const isNew = row.text === '' && !row.isRedrawn && !row.isContinuation;
    if (!isNew || this.#y + 1 < this.#rows.length) return passing.from;
    for (const [above, lineEnd, isLast] of this.rows()) if (!isLast) this.#leave(above, lineEnd);
    if (this.#options.onPass) this.#options.onPass(passing.lines);
    else this.#above += passing.lines;
    this.#rows.length = this.#y = 0;
    return passing.end;
  }

  #leave(row: Row, lineEnd: string): void {
    if (this.#options.onLeave) this.#options.onLeave(row, lineEnd);
    else this.#above += shownRow(row) + lineEnd;
  }

  #states(text: string): void {
    if (!text.includes('\r')) return this.#write(text);
    for (const [index, state] of text.split('\r').entries()) {
      if (index > 0) this.#return();
      this.#write(state);
    }
  }

  #return(): void {
    this.#tell();
    if (this.#row().text.length > longestRedrawn) this.#nextRow(false);
    const row = this.#row();
    row.isRedrawn = true;
    this.#column = row.text === '' ? undefined : 0;
  }

  #lineFeed(): void {
    const row = this.#row();
    const { onLine } = this.#options;
    if (onLine) this.#isNewState = false;
    this.#tell();
    onLine?.(row);
    this.#nextRow(false);
  }

  #nextRow(isContinuation: boolean): void {
    const [, bottom] = this.#margins;
    if (this.#y + 1 === bottom) this.#scroll(isContinuation);
    else if (this.#y + 1 < height) this.#y++;
    if (this.#rows.length === this.#y) this.#rows.push(newRow(this.#now, isContinuation));
    this.#column = this.#rows[this.#y]!.text === '' ? undefined : 0;
  }

  /** What is below the rows that scroll, such as the bar of apt, stays where it is. */
  #scroll(isContinuation: boolean): void {
    const [top] = this.#margins;
    const [row] = this.#rows.splice(top, 1);
    if (row && top === 0) {
      const isContinued = this.#rows[0]?.isContinuation ?? isContinuation;
      this.#leave(row, isContinued ? '' : '\n');
    }
    if (this.#rows.length > this.#y) this.#rows.splice(this.#y, 0, newRow(this.#now, isContinuation));
  }

  /** The row of the cursor. */
  #row(): Row {
    while (this.#rows.length <= this.#y) this.#rows.push(newRow(this.#now));
    return this.#rows[this.#y]!;
  }

  #write(text: string): void {
    if (text === '') return;
    const row = this.#row();
    this.#isNewState = true;
    if (this.#column !== undefined) return this.#overwrite(row, this.#column, text);
    const room = Math.max(0, longestRow - row.text.length);
    if (text.length <= room) return this.#change(row, row.text + coloured(text, this.#colours));
    this.#change(row, row.text + coloured(text.slice(0, room), this.#colours));
    this.#tell();
    this.#nextRow(true);
    this.#write(text.slice(room));
  }

  /** A tab within the row only moves the cursor. */
  #overwrite(row: Row, from: number, text: string): void {
    const tab = text.indexOf('\t');
    const part = text.slice(0, Math.min(tab < 0 ? text.length : tab, longestRow));
    const width = widthOfRow(row);
    const before = from <= width ? columns(row.text, 0, from) : row.text + ' '.repeat(from - width);
    const end = from + widthOf(part);
    row.isRedrawn ||= from < width;
    this.#change(row, before + coloured(part, this.#colours) + columns(row.text, end, width));
    if (row.text.length <= longestRedrawn) row.width = Math.max(end, width);
    const stop = part.length === tab && end < width ? end + 8 - (end % 8) : end;
    this.#column = end < width && stop !== width ? stop : undefined;
    this.#write(text.slice(part.length + (stop > end ? 1 : 0)));
  }

  #change(row: Row, text: string): void {
    row.text = text;
    row.source = this.#source;
    row.width = undefined;
    if (row.changedAt < this.#now) row.slowest = Math.max(row.slowest, this.#now - row.changedAt);
    row.changedAt = this.#now;
  }

  #tell(): void {
    if (this.#isNewState) this.#options.onState?.(this.#row());
    this.#isNewState = false;
  }

  #control(control: Control): void {
    const { code, action, parameters, whole } = control;
    if (action === 'h' || action === 'l') this.#switchScreen(parameters, action === 'h');
    else if (this.#alternate) this.#alternate.#control(control);
    else if (code === 0x08) this.#moveTo(this.#y, this.#x() - 1);
    else if (code === 0x0b || code === 0x0c) this.#lineFeed();
    else if (action !== undefined) this.#sequence(whole, parameters, action);
  }

  #switchScreen(parameters: string, isAlternate: boolean): void {
    if (!/^\?(\d+;)*(47|1047|1049)(;|$)/.test(parameters)) return;
    (this.#alternate ?? this).#tell();
    if (!isAlternate) this.#alternate = undefined;
    else this.#alternate ??= new LineRenderer({ ...this.#options, onLeave: () => undefined, onPass: undefined });
  }

  #sequence(whole: string, parameters: string, action: string): void {
    if (action === 'm' && this.#options.colours) this.#colours = coloursAfter(this.#colours, whole, parameters);
    const [first, second] = numbersOf(parameters);
    if (action === 'J') return this.#eraseDisplay(first);
    if (action === 'r') return this.#setMargins(first, second);
    if (action === 'K') return this.#eraseLine(first);
    const move = cursorMoves[action];
    if (move) this.#moveTo(...move([this.#y, this.#x()], this.#margins, Math.max(1, first), Math.max(1, second)));
  }

  #x(): number {
    return this.#column ?? widthOfRow(this.#row());
  }

  /** @param x undefined: behind the text of the row */
  #moveTo(y: number, x: number | undefined): void {
    const isUp = y < this.#y;
    const isForward = y === this.#y && x !== undefined && x >= this.#x();
    if (!isForward) this.#tell();
    this.#y = Math.min(Math.max(0, y), height - 1);
    for (let below = this.#y; isUp && below < this.#rows.length; below++) this.#rows[below]!.isRedrawn = true;
    const row = this.#row();
    if (!isForward && x !== undefined && row.text.length > longestRedrawn) {
      this.#nextRow(false);
      return this.#moveTo(this.#y, x);
    }
    if (x === 0) return void (this.#column = row.text === '' ? undefined : 0);
    const width = widthOfRow(row);
    const column = Math.min(Math.max(0, x ?? width), Math.max(width, farthestColumn));
    this.#column = column === width ? undefined : column;
  }

  #setMargins(first: number, second: number): void {
    const [top, bottom] = [Math.max(1, first) - 1, Math.min(second || height, height)];
    if (bottom - top < 2) return;
    this.#margins = [top, bottom];
    this.#moveTo(0, 0);
  }

  #eraseLine(part: number): void {
    const row = this.#row();
    if (row.text === '') return;
    const [x, width] = [this.#x(), widthOfRow(row)];
    if (part > 2 || width === 0 || (part === 0 && x >= width)) return;
    this.#tell();
    row.isRedrawn = true;
    const after = part === 1 ? columns(row.text, x + 1, width) : '';
    this.#change(row, part === 0 ? columns(row.text, 0, x) : after && ' '.repeat(x + 1) + after);
    this.#column = undefined;
    this.#moveTo(this.#y, x);
  }

  #eraseDisplay(part: number): void {
    if (part === 3) this.#above = '';
    if (part > 2) return;
    this.#eraseLine(part);
    if (part !== 1) this.#rows.length = Math.min(this.#rows.length, this.#y + 1);
    if (part === 0) return;
    for (const row of this.#rows.slice(0, this.#y)) {
      row.isRedrawn = true;
      this.#change(row, '');
    }
  }
}
