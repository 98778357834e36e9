import { styleText } from 'node:util';
import type { JobStatus } from '../../api/values.ts';

export type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/** Colours only on a terminal, and never with NO_COLOR (https://no-color.org). */
export function painter(sink: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  if (!sink.isTTY || env['NO_COLOR'] || env['TERM'] === 'dumb') return (_style, text) => text;
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
