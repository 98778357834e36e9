import type { Paint, Style } from './paint.ts';

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/** Columns side by side. The last one is cut to fit when the width is known: a terminal, not a pipe. */
export function table(rows: readonly (readonly Cell[])[], paint: Paint, width?: number): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, length(cell.text))));
  }
  const indent = widths.slice(0, -1).reduce((sum, each) => sum + each + gap.length, 0);
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const last = column === row.length - 1;
          const text = last ? cut(cell.text, width === undefined ? undefined : width - indent) : cell.text;
          const padding = last ? '' : ' '.repeat((widths[column] ?? 0) - length(text));
          return (cell.style === undefined ? text : paint(cell.style, text)) + padding;
        })
        .join(gap),
    )
    .join('\n');
}

const gap = '  ';

function length(text: string): number {
  return [...text].length;
}

function cut(text: string, room: number | undefined): string {
  if (room === undefined || length(text) <= room) return text;
  return `${[...text].slice(0, Math.max(0, room - 1)).join('')}…`;
}
