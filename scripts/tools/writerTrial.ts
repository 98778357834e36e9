import { textLines, xtermLines } from '../../test/helpers/terminal.ts';
import type { Jobs } from './jobs.ts';
import { commandOf, type Writer } from './tool.ts';

export interface WriterResult {
  bytes: number;
  /** Characters. */
  terminal: number;
  shown: number;
  /** The first line that differs, empty if there is none. */
  differs: string;
}

/** Runs the writer, and compares what a model reads with what xterm.js shows. @param isTerminal whether it has one */
export async function tryWriter(jobs: Jobs, writer: Writer, isTerminal: boolean): Promise<WriterResult> {
  // So wide that no line is wrapped.
  const command = commandOf(writer, isTerminal ? [50, 200] : undefined);
  const job = await jobs.run(['--timeout', '5m', '--wait'], command, writer);
  if (job.status !== 'completed') throw new Error(`${job.status}: ${await jobs.shown(job)}`);
  const written = (await jobs.chunks(job)).map(({ text }) => text).join('');
  const [expected, actual] = [await xtermLines(written), textLines(await jobs.shown(job))];
  const at = expected.findIndex((one, index) => one !== actual[index]);
  const differs = at < 0 && expected.length === actual.length ? '' : `line ${at < 0 ? expected.length + 1 : at + 1}`;
  return {
    bytes: Buffer.byteLength(written),
    terminal: expected.join('\n').length,
    shown: actual.join('\n').length,
    differs,
  };
}
