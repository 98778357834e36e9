import { widthOf } from './columns.ts';

/** Rows that can still be rewritten: those of a terminal of this height. */
export const height = 50;
/** A cursor that is moved to the right of a row goes no farther, because what it passes is filled with spaces. */
export const farthestColumn = 1000;
/** UTF-16 units. A longer line goes on in another row, as in a terminal of this width. */
export const longestRow = 65_536;
/** A row that is longer is not drawn over: what follows a CR stands in the next row. So no state costs more than this. */
export const longestRedrawn = 2000;

export interface Row {
  text: string;
  /** Of its last change, as it was pushed. */
  source: string;
  /** Columns; undefined: not counted yet. */
  width: number | undefined;
  /** It was drawn over, or the cursor has returned to it: more states of it may follow. */
  isRedrawn: boolean;
  /** It continues the row above: no newline is between them. */
  readonly isContinuation: boolean;
  /** When its text changed last, and the longest time between two changes (milliseconds). */
  changedAt: number;
  slowest: number;
}

/** The first row that scrolls, and the first one below them that does not. */
export type Margins = readonly [top: number, bottom: number];

export interface RendererOptions {
  /** Keep colours: each part of a row that has some begins with their sequences and ends with a reset. */
  colours?: boolean;
  /** Is told each state of a line: when it ends, and when it is drawn over. */
  onState?: ((row: Row) => void) | undefined;
  /** Is told each line that a newline ends, instead of {@link onState}, also when it is empty or was told before. */
  onLine?: ((row: Row) => void) | undefined;
  /** Gets each row that can no longer change, with its newline, instead of the text of the renderer. */
  onLeave?: ((row: Row, lineEnd: string) => void) | undefined;
  /** Gets the lines that come and go within one text at once, with their newlines, instead of a row for each. */
  onPass?: ((lines: string) => void) | undefined;
}

/** Spaces at the end are often there to cover a longer state. */
export function shownRow({ text, isRedrawn }: Row): string {
  return isRedrawn ? text.trimEnd() : text;
}

/** Text that is shorter is not worth a search for lines that pass. */
const leastPassing = 4096;

/** Lines of a text that are above its last screen, each with its newline. */
interface Passing {
  readonly from: number;
  readonly end: number;
  readonly lines: string;
}

/** @returns undefined if no line passes behind the first one, some are redrawn, or somebody wants to be told of each */
export function passingLines(text: string, { onState, onLine, onLeave, onPass }: RendererOptions): Passing | undefined {
  if (text.length < leastPassing || text.length > longestRow) return undefined;
  if (onState || onLine || (onLeave && !onPass)) return undefined;
  const from = text.indexOf('\n') + 1;
  let screen = text.length;
  for (let row = 0; row < height; row++) {
    screen = text.lastIndexOf('\n', screen - 1);
    if (screen <= from) return undefined;
  }
  const end = text.lastIndexOf('\n', screen - 1) + 1;
  const lines = text.slice(from, end).replaceAll('\r\n', '\n');
  return lines === '' || lines.includes('\r') ? undefined : { from, end, lines };
}

export function widthOfRow(row: Row): number {
  const { text } = row;
  return (row.width ??= text.length > longestRedrawn ? text.length : widthOf(text));
}

export function newRow(changedAt: number, isContinuation = false): Row {
  return { text: '', source: '', width: 0, isRedrawn: false, isContinuation, changedAt, slowest: 0 };
}
