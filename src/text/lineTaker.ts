// The text of a program for a reader who cannot change what was shown before, such as the editor's output channel.
import { LineRenderer } from './lineRenderer.ts';
import { shownRow, type RendererOptions, type Row } from './rows.ts';

/** A row is taken when it has not changed for so long (milliseconds): what belongs together is written together. */
const quietMs = 200;
/** One that is drawn over, when nothing came for so long, and for three times as long as it ever was between two states. */
const quietRedrawnMs = 1000;
/** Or when it was kept back for so long. */
const mostHeldMs = 300_000;

/** What was taken of a row. */
interface Taken {
  /** Undefined: nothing. */
  text: string | undefined;
  /** Its newline was taken too. */
  isClosed: boolean;
  /** When it was seen first after its last change that was not taken; undefined: not yet. */
  heldSince: number | undefined;
}

/**
 * Gives out the lines that can no longer change, or have been quiet: a bar that is redrawn all the time is one line, in
 * its last state. A row that changes after it was taken comes again, as a new line.
 */
export class LineTaker {
  readonly #renderer: LineRenderer;
  readonly #taken = new WeakMap<Row, Taken>();
  /** Of rows that can no longer change. */
  #ready = '';
  /** The row that was taken last, when it had no newline yet. */
  #open: Row | undefined;

  constructor(options: Pick<RendererOptions, 'colours'> = {}) {
    const onLeave = (row: Row, lineEnd: string): void => {
      if (!this.#isTaken(row, false)) this.#ready += this.#read(row, lineEnd, false);
    };
    const onPass = (lines: string): void => {
      this.#ready += (this.#open ? '\n' : '') + lines;
      this.#open = undefined;
    };
    this.#renderer = new LineRenderer({ ...options, onLeave, onPass });
  }

  /**
   * @param now milliseconds
   * @param source see {@link LineRenderer.push}
   */
  push(text: string, now: number, source: string): void {
    this.#renderer.push(text, now, source);
  }

  /** The text that is due, in order. @param ended only lines that have ended */
  take(now: number, ended = false): string {
    return this.#takeIf((row, isLast) => !(ended && isLast) && now >= this.#dueAt(row, now));
  }

  /** The lines that were not taken yet, in their states of now. */
  pending(): string[] {
    const rows = [...this.#renderer.rows()].filter(([row, , isLast]) => !this.#isTaken(row, isLast));
    return rows.map(([row]) => shownRow(row));
  }

  /** The rest, with a newline at its end if it needs one. Nothing continues it. */
  end(): string {
    const text = this.#takeIf(() => true);
    const lineEnd = this.#open ? '\n' : '';
    this.#open = undefined;
    return text + lineEnd;
  }

  /** When something is due (milliseconds); undefined when nothing is left. */
  dueAt(now: number): number | undefined {
    for (const [row, , isLast] of this.#renderer.rows()) {
      if (!this.#isTaken(row, isLast)) return this.#dueAt(row, now);
    }
    return undefined;
  }

  #takeIf(isDue: (row: Row, isLast: boolean) => boolean): string {
    let text = this.#ready;
    this.#ready = '';
    for (const [row, lineEnd, isLast] of this.#renderer.rows()) {
      if (this.#isTaken(row, isLast)) continue;
      if (!isDue(row, isLast)) break;
      text += this.#read(row, lineEnd, isLast);
      this.#taken.set(row, { text: shownRow(row), isClosed: !isLast, heldSince: undefined });
    }
    return text;
  }

  #read(row: Row, lineEnd: string, isLast: boolean): string {
    const text = shownRow(row);
    const before = row === this.#open ? this.#taken.get(row)?.text : undefined;
    const continues = before !== undefined && text.startsWith(before);
    const start = continues ? text.slice(before.length) : (this.#open ? '\n' : '') + text;
    this.#open = isLast && text !== '' ? row : undefined;
    return start + lineEnd;
  }

  /** A line that was drawn and then erased is not shown as an empty one. */
  #isTaken(row: Row, isLast: boolean): boolean {
    const text = shownRow(row);
    if (row.isRedrawn && text === '') return true;
    const taken = this.#taken.get(row);
    return (taken?.isClosed === true || isLast) && (taken?.text ?? '') === text;
  }

  #dueAt(row: Row, now: number): number {
    let taken = this.#taken.get(row);
    if (!taken) this.#taken.set(row, (taken = { text: undefined, isClosed: false, heldSince: undefined }));
    taken.heldSince ??= now;
    const quiet = row.isRedrawn ? Math.max(quietRedrawnMs, 3 * row.slowest) : quietMs;
    return Math.min(row.changedAt + quiet, taken.heldSince + mostHeldMs);
  }
}
