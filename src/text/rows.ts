import { widthOf } from './columns.ts';

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
}

export function widthOfRow(row: Row): number {
  const { text } = row;
  return (row.width ??= text.length > longestRedrawn ? text.length : widthOf(text));
}

export function newRow(changedAt: number, isContinuation = false): Row {
  return { text: '', source: '', width: 0, isRedrawn: false, isContinuation, changedAt, slowest: 0 };
}
