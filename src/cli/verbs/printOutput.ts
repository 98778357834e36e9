import type { JobService } from '../../api/endpoints.ts';
import type { Chunk, OutputQuery, Stream } from '../../api/output.ts';
import { LogReader, settledRun, type LoggedJob, type SettledRun } from '../../logs/logReader.ts';
import { GapFinder, type Gap } from '../../text/outputText.ts';
import { shownLines } from '../../text/shownOutput.ts';
import { decode } from '../../text/textStream.ts';
import { Screen } from '../base/screen.ts';
import { write, type Sink } from '../base/sink.ts';

type Sinks = Readonly<Record<Stream, Sink>>;
type Screens = Readonly<Record<Stream, Screen | undefined>>;

interface PrintOptions {
  follow?: boolean | undefined;
  /** Print the bytes as they are, and no notes about dropped output. */
  raw?: boolean | undefined;
  /** Print whole lines as a terminal shows them, wherever they go. */
  lines?: boolean | undefined;
  sinks: Sinks;
  note: (text: string) => Promise<void>;
  signal: AbortSignal;
}

/** Requests only the positions of output, whose bytes are then read from the log files. */
const positionsAlone = { text: 'false', limit: 16_777_216 } as const;
/** What is read for the last lines that a terminal shows (bytes): each may have been redrawn many times. */
const tailBytes = 1_048_576;

/**
 * Prints output. A terminal gets what a terminal shows of it, without other control codes than colours; so does any
 * reader of last lines, or of those that match. Else output is printed byte for byte.
 */
export async function printOutput(
  service: JobService,
  job: LoggedJob,
  query: OutputQuery,
  { follow = false, raw = false, lines = false, sinks, note, signal }: PrintOptions,
): Promise<void> {
  const isGrep = query.grep !== undefined && !raw;
  const isTail = query.tail !== undefined && !raw && !isGrep;
  const screens = raw ? { stdout: undefined, stderr: undefined } : screensFor(sinks, isTail || lines);
  const noteGap = async (bytes: number): Promise<void> => {
    if (bytes === 0 || raw) return;
    await screens.stderr?.end();
    await note(`${bytes} bytes of older output were dropped by --max-log`);
  };
  let run = settledRun(job, { ...query, ...(!isGrep && positionsAlone) });
  await using log = new LogReader(service, run);
  try {
    const next = isTail ? await printTail(service, run, sinks, screens) : undefined;
    if (next !== undefined) run = { ...run, query: { ...run.query, tail: undefined, since: next } };
    for await (const item of readOutput(service, run, follow, signal)) {
      if (!('seq' in item)) await noteGap(item.droppedBytes);
      else if (isGrep) await printLines(shownLines([item], isTerminal(sinks.stdout)), sinks);
      else {
        let at = item.offset;
        for await (const piece of log.read(item)) {
          const { stream, offset, length } = piece.chunk;
          await noteGap(offset - at);
          const screen = screens[stream];
          await (screen ? screen.push(decode(piece), stream) : write(sinks[stream], piece.bytes));
          at = offset + length;
        }
      }
    }
  } finally {
    await screens.stdout?.end();
    await screens.stderr?.end();
  }
}

const isTerminal = (sink: Sink): boolean => sink.isTTY === true;

/** A terminal that shows both streams is one screen. */
function screensFor({ stdout, stderr }: Sinks, always: boolean): Screens {
  const screenOf = (sink: Sink): Screen | undefined => (always || isTerminal(sink) ? new Screen(sink) : undefined);
  const screen = screenOf(stdout);
  const isSame = stdout === stderr || (isTerminal(stdout) && isTerminal(stderr));
  return { stdout: screen, stderr: isSame ? screen : screenOf(stderr) };
}

/**
 * Prints the last lines that a terminal shows.
 * @returns the position behind them; undefined if so many lines take more than was read
 */
async function printTail(
  service: JobService,
  { jobId, query }: SettledRun,
  sinks: Sinks,
  screens: Screens,
): Promise<number | undefined> {
  const bytes = { tail: tailBytes, limit: tailBytes, text: 'true' } as const;
  const { chunks, next } = await service.getOutput(jobId, { ...query, ...bytes });
  const lines = shownLines(chunks, isTerminal(sinks.stdout));
  const first = lines.length - Number(query.tail);
  const read = chunks.reduce((sum, { length }) => sum + length, 0);
  // A page may end before a character that does not fit.
  if (first < 0 && read > tailBytes - 4) return undefined;
  // On a terminal, a line that goes on is drawn by the screen.
  const isPrinted = ({ stream, text }: Printed): boolean => !isTerminal(sinks[stream]) || text.endsWith('\n');
  await printLines(lines.slice(Math.max(0, first)).filter(isPrinted), sinks);
  for (const { text, stream } of chunks) screens[stream]?.skip(text, stream);
  return next;
}

type Printed = Pick<Chunk, 'stream' | 'text'>;

async function printLines(lines: readonly Printed[], sinks: Sinks): Promise<void> {
  for (const { text, stream } of lines) await write(sinks[stream], text);
}

/**
 * Everything that a query selects of one run, page by page, and then, when it is followed, what comes until the run has
 * ended or the signal is aborted.
 */
export async function* readOutput(
  service: JobService,
  { jobId, query }: SettledRun,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<Chunk | Gap> {
  const { tail, ...rest } = query;
  const since = Number(query.since ?? 0);
  const gaps = new GapFinder({ ...query, since, tail: tail === undefined ? tail : Number(tail) });
  if (follow && gaps.isFromStart) {
    for await (const chunk of service.followOutput(jobId, query, signal)) yield* gaps.pass([chunk]);
    return;
  }
  let page = await service.getOutput(jobId, query);
  for (;;) {
    yield* gaps.pass(page.chunks, page.droppedBytes);
    if (!page.more || signal.aborted) break;
    page = await service.getOutput(jobId, { ...rest, since: page.next });
  }
  if (!follow) return;
  for await (const chunk of service.followOutput(jobId, { ...rest, since: page.next }, signal)) {
    yield* gaps.pass([chunk]);
  }
}
