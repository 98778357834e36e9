/** The room of tables and colours: verbs of the command line import it; it imports the API's states alone. */
import type { Paint, Style } from './paint.ts';

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/**
 * Columns side by side. The last one is cut to the width of the terminal, but never below a minimum. There is no width
 * for a pipe, or for a terminal that reports 0.
 */
export function table(rows: readonly (readonly Cell[])[], paint: Paint, width = 0): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, length(cell.text))));
  }
  const indent = widths.slice(0, -1).reduce((sum, each) => sum + each + gap.length, 0);
  const room = width === 0 ? Infinity : Math.max(leastRoom, width - indent);
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const last = column === row.length - 1;
          const text = last ? cut(cell.text, room) : cell.text;
          const padding = last ? '' : ' '.repeat((widths[column] ?? 0) - length(text));
          return (cell.style === undefined ? text : paint(cell.style, text)) + padding;
        })
        .join(gap),
    )
    .join('\n');
}

const gap = '  ';
const leastRoom = 16;

function length(text: string): number {
  return [...text].length;
}

function cut(text: string, room: number): string {
  return length(text) <= room ? text : `${[...text].slice(0, room - 1).join('')}…`;
}
