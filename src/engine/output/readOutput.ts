import type { Chunk, Output, OutputOptions } from '../../api/output.ts';
import { LogFiles } from '../../logs/logFiles.ts';
import { Wakeup } from '../../logs/wakeup.ts';
import { streamSizes, type ChunkIndex } from '../../store/chunkIndex.ts';
import { ChunkDecoder } from '../../text/utf8.ts';
import { compileLinePattern, type LinePattern } from './linePattern.ts';
import { type Line, LineScanner, lineText, plainLine } from './lines.ts';
import { head, nothing, type OutputSource, type Piece, readPiece, toChunk, withoutHead } from './pieces.ts';
import type { GrowthSource, RunLogs } from './runLogs.ts';
import { everything, maxChunks, parts, select, type Selection } from './selection.ts';

export type OutputPage = Omit<Output, 'status'>;

/** The most that is read and returned at once (bytes), so that a flood does not fill the memory. */
const blockBytes = 262_144;
/** The most that one answer to a grep searches (bytes), and the least that each piece counts for. */
const searchBytes = 16_777_216;
const pieceCost = 1024;

/** The output of one run, as its readers get it. */
export interface RunOutput {
  index: ChunkIndex;
  logs: RunLogs;
  growth: GrowthSource;
  /** The run has ended, and its last bytes are in the index. */
  isEnded: () => boolean;
}

/**
 * One page of a run's output.
 * - `limit` counts the bytes of the answer, so positions alone (`text: false`) are not limited by it; those that the
 *   host makes a raw answer of are.
 * - `tail` together with `grep` takes the last lines first and shows those of them that match.
 * - `grep` shows a line when it is complete or the run has ended. Its `next` continues after the lines that were
 *   searched, matching or not; the page may be empty and have `more`.
 * - `droppedBytes` counts what this page passed over.
 * @throws BgJobsError `invalid_request` for a bad pattern or range
 */
export async function readOutput(run: RunOutput, options: OutputOptions): Promise<OutputPage> {
  const page: OutputPage = { chunks: [], next: 0, droppedBytes: 0, more: false };
  let left = options.text || options.format === 'raw' ? options.limit : Infinity;
  let toSearch = searchBytes;
  for await (const { chunk, next, dropped, searched } of read(run, options, left, () => Math.max(1, left))) {
    if (chunk) {
      // A line that is longer than the limit comes alone: else nobody would get past it.
      const isFull = chunk.length > left || page.chunks.length === maxChunks;
      if (isFull && page.chunks.length > 0) return { ...page, more: true };
      page.chunks.push(chunk);
      left -= chunk.length;
    }
    page.next = next;
    page.droppedBytes += dropped;
    toSearch -= searched;
    if (toSearch <= 0) return { ...page, more: true };
  }
  return page;
}

/**
 * What is there and what comes, until the run has ended or the signal is aborted: every byte once.
 * A gap between the `offset`s of a stream's chunks is what maxLogBytes has dropped before it was read.
 * `limit` is the longest text of one chunk; a `tail` is not limited. With `text: false` only a `tail` or `grep` reads.
 * @throws BgJobsError `invalid_request` for a bad pattern or range, at the first step
 */
export async function* followOutput(
  run: RunOutput,
  options: OutputOptions,
  signal: AbortSignal,
): AsyncGenerator<Chunk, void, void> {
  const longest = options.text ? Math.min(options.limit, blockBytes) : Infinity;
  for await (const { chunk } of read(run, options, Infinity, () => longest, signal)) {
    if (chunk) yield chunk;
  }
}

export interface LineMatch {
  /** The line as a person sees it. */
  text: string;
  /** It is finished: nothing follows the text. */
  isWhole: boolean;
}

/**
 * The first line of a run's output that matches, from its beginning on. A line that is not finished matches as well: a
 * prompt has no newline. So `^ready$` may match a line of which only `ready` has been written so far.
 * @returns undefined when the run ends without it or the signal is aborted
 */
export async function waitForPattern(
  run: RunOutput,
  pattern: LinePattern,
  signal: AbortSignal,
): Promise<LineMatch | undefined> {
  const firstMatch = (lines: Iterable<Line>): string | undefined => {
    for (const line of lines) {
      const text = plainLine(line);
      if (pattern.matches(text)) return text;
    }
    return undefined;
  };
  await using source = open(run);
  const scanner = new LineScanner(source, everything.first);
  for await (const piece of readPieces(source, everything, () => blockBytes, signal)) {
    const whole = firstMatch(await scanner.feed(piece));
    const text = whole ?? firstMatch(scanner.unfinished());
    if (text !== undefined) return { text, isWhole: whole !== undefined };
  }
  return undefined;
}

/** A step of a reader, with the chunk that it found, if any. */
interface Step {
  chunk?: Chunk;
  /** Where to continue. */
  next: number;
  dropped: number;
  /** Bytes that were searched for it. */
  searched: number;
}

type Source = OutputSource & RunOutput;

function open(run: RunOutput): Source & AsyncDisposable {
  const files = new LogFiles(run.logs, { missingIsEmpty: true });
  return { ...run, files, [Symbol.asyncDispose]: () => files[Symbol.asyncDispose]() };
}

/**
 * The one reader: a page is a follow that ends with what is there now.
 * @param maxBytes the longest chunk
 * @param signal follows the run until it has ended or the signal is aborted
 */
async function* read(
  run: RunOutput,
  options: OutputOptions,
  maxTailBytes: number,
  maxBytes: () => number,
  signal?: AbortSignal,
): AsyncGenerator<Step, void, void> {
  const pattern = options.grep === undefined ? undefined : await compileLinePattern(options.grep);
  await using source = open(run);
  const selection = await select(source, options, maxTailBytes);
  yield { next: selection.since, dropped: 0, searched: 0 };
  const rest = pattern
    ? yield* lineSteps(source, selection, pattern, options.text, signal)
    : yield* chunkSteps(source, selection, maxBytes, options.text, signal);
  if (!signal || signal.aborted) return;
  for (const chunk of rest) yield { chunk, next: chunk.seq, dropped: 0, searched: 0 };
}

/** @returns what the end of the run adds */
async function* chunkSteps(
  source: Source,
  selection: Selection,
  maxBytes: () => number,
  withText: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Step, Iterable<Chunk>, void> {
  const decoder = new ChunkDecoder();
  for await (const piece of readPieces(source, selection, maxBytes, signal, withText)) {
    const step = { next: piece.seq, dropped: piece.dropped, searched: 0 };
    if (piece.length === 0) yield step;
    else yield { ...step, chunk: withText ? decoder.decode(toChunk(piece), piece, piece.isLast) : toChunk(piece) };
  }
  return decoder.end();
}

/** @returns what the end of the run adds */
async function* lineSteps(
  source: Source,
  selection: Selection,
  pattern: LinePattern,
  withText: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Step, Iterable<Chunk>, void> {
  const scanner = new LineScanner(source, selection.first);
  const match = (line: Line): { chunk?: Chunk } =>
    pattern.matches(plainLine(line)) ? { chunk: toChunk(line, withText ? lineText(line) : '') } : {};
  for await (const piece of readPieces(source, selection, () => blockBytes, signal)) {
    yield { next: piece.seq - piece.length, dropped: piece.dropped, searched: 0 };
    for (const line of await scanner.feed(piece)) yield { ...match(line), next: line.seq, dropped: 0, searched: 0 };
    yield { next: piece.seq, dropped: 0, searched: Math.max(piece.length, pieceCost) };
  }
  return scanner.unfinished().flatMap((line) => match(line).chunk ?? []);
}

/** The pieces of a selection, in order. A piece of length 0 says that nothing up to its `seq` is selected. */
export async function* readPieces(
  source: Source,
  selection: Selection,
  maxBytes: () => number,
  signal?: AbortSignal,
  withBytes = true,
): AsyncGenerator<Piece, void, void> {
  const { index, logs, growth, isEnded } = source;
  const wakeup = new Wakeup(signal);
  let finished = false;
  const onGrowth = (isLast: boolean): void => {
    finished ||= isLast;
    wakeup.wake();
  };
  // A page is no reason for the tracker to poll more often.
  const stop = signal && growth.onGrowth(logs.run, onGrowth);
  let { since } = selection;
  try {
    while (!signal?.aborted) {
      const ended = finished || isEnded();
      // What is cut there stays cut; where a live run ends is not known.
      const ends = ended ? streamSizes(index.last(logs.run)) : undefined;
      for await (const part of yielding(parts(source, { ...selection, since }))) {
        let rest = part;
        do {
          const length = Math.min(rest.length, maxBytes());
          const piece = withBytes
            ? await readPiece(source, rest, length)
            : { ...head(rest, length), bytes: nothing, lead: nothing };
          if (signal?.aborted) return;
          yield { ...piece, isLast: piece.offset + piece.length === ends?.[piece.stream] };
          since = piece.seq;
          rest = withoutHead(rest, piece.offset + piece.length - rest.offset);
        } while (rest.length > 0);
      }
      if (ended || !signal) return;
      await wakeup.next();
    }
  } finally {
    stop?.();
    wakeup.dispose();
  }
}

/** Yields to the event loop now and then: a long index is walked without a single read when little of it is selected. */
async function* yielding<T>(items: Iterable<T>): AsyncGenerator<T, void, void> {
  let count = 0;
  for (const item of items) {
    yield item;
    if (++count % 1024 === 0) await new Promise(setImmediate);
  }
}
