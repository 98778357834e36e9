import { styleText } from 'node:util';
import type { JobStatus } from '../../api/values.ts';
import type { Context, Sink } from './context.ts';

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

/** Colors only on a terminal, and never with NO_COLOR (https://no-color.org). */
export function painter({ stdout, env }: { stdout: Pick<Sink, 'isTTY'>; env: NodeJS.ProcessEnv }): Paint {
  if (!stdout.isTTY || env['NO_COLOR'] || env['TERM'] === 'dumb') return (_style, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}

export const statusStyle: Record<JobStatus, Style> = {
  held: 'yellow',
  scheduled: 'yellow',
  pending: 'yellow',
  starting: 'cyan',
  running: 'cyan',
  paused: 'yellow',
  stopping: 'magenta',
  completed: 'green',
  failed: 'red',
  killed: 'red',
  timed_out: 'red',
  lost: 'red',
  cancelled: 'gray',
};

/** A text, or one with a style. */
type Cell = string | readonly [text: string, style: Style];

/** Rows under a heading, as wide as the terminal. */
export function table(context: Context, heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const head = heading.map((text) => [text, 'bold'] as const);
  return columns([head, ...rows], painter(context), context.stdout.columns);
}

/** Labels and texts side by side. */
export function labelled(context: Context, rows: readonly (readonly [label: string, text: Cell])[]): string {
  return columns(
    rows.map(([label, text]) => [[label, 'dim'], text]),
    painter(context),
  );
}

const gap = '  ';
const leastRoom = 16;

/**
 * Columns side by side. The last one is cut to the width of the terminal, but never below a minimum. There is no width
 * for a pipe, or for a terminal that reports 0.
 */
export function columns(cells: readonly (readonly Cell[])[], paint: Paint, width = 0): string {
  const rows = cells.map((row) => row.map((cell) => (typeof cell === 'string' ? ([cell] as const) : cell)));
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach(([text], column) => (widths[column] = Math.max(widths[column] ?? 0, length(text))));
  }
  const indent = widths.slice(0, -1).reduce((sum, each) => sum + each + gap.length, 0);
  const room = width === 0 ? Infinity : Math.max(leastRoom, width - indent);
  const lines = rows.map((row) =>
    row.map(([whole, style], column) => {
      const isLast = column === row.length - 1;
      const text = isLast ? cut(whole, room) : whole;
      const padding = isLast ? '' : ' '.repeat((widths[column] ?? 0) - length(text));
      return (style === undefined ? text : paint(style, text)) + padding;
    }),
  );
  return lines.map((line) => line.join(gap)).join('\n');
}

function length(text: string): number {
  return [...text].length;
}

function cut(text: string, room: number): string {
  return length(text) <= room ? text : `${[...text].slice(0, room - 1).join('')}…`;
}
