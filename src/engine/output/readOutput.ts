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

/** When a reader has come to the end. */
interface End {
  /** The run has ended, and its last bytes are in the index. */
  isEnded: () => boolean;
  /** Wait for more until then; left out: end with what there is now. */
  growth?: GrowthSource;
  signal?: AbortSignal;
}

/**
 * One page of a run's output.
 * - `limit` counts the bytes of the answer, so positions alone (`text: false`) are not limited by it; those that the
 *   host makes a raw answer of are.
 * - `tail` together with `grep` takes the last lines first and shows those of them that match.
 * - `grep` shows a line when it is complete or the run has ended. Its `next` continues after the lines that were
 *   searched, matching or not; the page may be empty and have `more`.
 * - `droppedBytes` counts what this page passed over.
 * @param ended the run has ended and its last bytes are in the index
 * @throws BgJobsError `invalid_request` for a bad pattern or range
 */
export async function readOutput(
  index: ChunkIndex,
  logs: RunLogs,
  options: OutputOptions,
  ended: boolean,
): Promise<OutputPage> {
  let left = options.text || options.format === 'raw' ? options.limit : Infinity;
  let toSearch = options.grep === undefined ? Infinity : searchBytes;
  const maxBytes = (): number => (options.grep === undefined ? Math.max(1, left) : blockBytes);
  const end = { isEnded: () => ended };
  const page: OutputPage = { chunks: [], next: options.since ?? 0, droppedBytes: 0, more: false };
  for await (const step of read(index, logs, options, maxBytes, left, end)) {
    if (step.chunk) {
      // A line that is longer than the limit comes alone: else nobody would get past it.
      const isFull = step.chunk.length > left || page.chunks.length === maxChunks;
      if (isFull && page.chunks.length > 0) return { ...page, more: true };
      page.chunks.push(step.chunk);
      left -= step.chunk.length;
    }
    page.next = step.next;
    page.droppedBytes += step.dropped;
    toSearch -= step.cost;
    if (toSearch <= 0) return { ...page, more: true };
  }
  return page;
}

/**
 * What is there and what comes, until the run has ended or the signal is aborted: every byte once.
 * A gap between the `offset`s of a stream's chunks is what maxLogBytes has dropped before it was read.
 * `limit` is the longest text of one chunk; a `tail` is not limited. With `text: false` only a `tail` or `grep` reads.
 * @param isEnded the run has ended, and its last bytes are in the index
 * @throws BgJobsError `invalid_request` for a bad pattern or range, at the first step
 */
export async function* followOutput(
  growth: GrowthSource,
  index: ChunkIndex,
  logs: RunLogs,
  options: OutputOptions,
  isEnded: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<Chunk, void, void> {
  const longest = options.text ? Math.min(options.limit, blockBytes) : Infinity;
  const maxBytes = (): number => (options.grep === undefined ? longest : blockBytes);
  for await (const { chunk } of read(index, logs, options, maxBytes, Infinity, { growth, isEnded, signal })) {
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
  growth: GrowthSource,
  index: ChunkIndex,
  logs: RunLogs,
  pattern: LinePattern,
  isEnded: () => boolean,
  signal: AbortSignal,
): Promise<LineMatch | undefined> {
  const firstMatch = (lines: Iterable<Line>): string | undefined => {
    for (const line of lines) {
      const text = plainLine(line);
      if (pattern.matches(text)) return text;
    }
    return undefined;
  };
  await using files = new LogFiles(logs, { missingIsEmpty: true });
  const source = { index, logs, files };
  const scanner = new LineScanner(source, everything.first);
  const end = { growth, isEnded, signal };
  for await (const piece of readPieces(source, everything, true, () => blockBytes, end)) {
    const whole = firstMatch(await scanner.feed(piece));
    const text = whole ?? firstMatch(scanner.unfinished());
    if (text !== undefined) return { text, isWhole: whole !== undefined };
  }
  return undefined;
}

/** A step of a reader: with the chunk that it found, if any. */
interface Step {
  chunk?: Chunk;
  /** Where to continue. */
  next: number;
  dropped: number;
  /** Bytes that were searched for it. */
  cost: number;
}

interface View {
  steps(piece: Piece): Promise<Iterable<Step>> | Iterable<Step>;
  /** What the end of a followed run adds. */
  rest(): Iterable<Chunk>;
}

/** The one reader: a page ends with what there is now, a follow with its run. */
async function* read(
  index: ChunkIndex,
  logs: RunLogs,
  options: OutputOptions,
  maxBytes: () => number,
  maxTailBytes: number,
  end: End,
): AsyncGenerator<Step, void, void> {
  const pattern = options.grep === undefined ? undefined : await compileLinePattern(options.grep);
  await using files = new LogFiles(logs, { missingIsEmpty: true });
  const source = { index, logs, files };
  const selection = await select(source, options, maxTailBytes);
  yield { next: selection.since, dropped: 0, cost: 0 };
  const view = pattern ? lineView(new LineScanner(source, selection.first), pattern, options.text) : chunkView(options);
  for await (const piece of readPieces(source, selection, options.text || !!pattern, maxBytes, end)) {
    yield* await view.steps(piece);
  }
  if (!end.growth || end.signal?.aborted) return;
  for (const chunk of view.rest()) yield { chunk, next: chunk.seq, dropped: 0, cost: 0 };
}

function chunkView({ text }: OutputOptions): View {
  const decoder = new ChunkDecoder();
  return {
    steps(piece) {
      const step = { next: piece.seq, dropped: piece.dropped, cost: 0 };
      if (piece.length === 0) return [step];
      const chunk = toChunk(piece);
      return [{ ...step, chunk: text ? decoder.decode(chunk, piece, piece.isLast) : chunk }];
    },
    rest: () => decoder.end(),
  };
}

function lineView(scanner: LineScanner, pattern: LinePattern, withText: boolean): View {
  const matching = (line: Line): { chunk?: Chunk } =>
    pattern.matches(plainLine(line)) ? { chunk: toChunk(line, withText ? lineText(line) : '') } : {};
  return {
    async steps(piece) {
      const lines = await scanner.feed(piece);
      return (function* () {
        yield { next: piece.seq - piece.length, dropped: piece.dropped, cost: 0 };
        for (const line of lines) yield { ...matching(line), next: line.seq, dropped: 0, cost: 0 };
        yield { next: piece.seq, dropped: 0, cost: Math.max(piece.length, pieceCost) };
      })();
    },
    rest: () => scanner.unfinished().flatMap((line) => matching(line).chunk ?? []),
  };
}

/** The pieces of a selection, in order. A piece of length 0 says that nothing up to its `seq` is selected. */
export async function* readPieces(
  source: OutputSource,
  selection: Selection,
  withBytes: boolean,
  maxBytes: () => number,
  { isEnded, growth, signal = new AbortController().signal }: End,
): AsyncGenerator<Piece, void, void> {
  const { index, logs } = source;
  const wakeup = new Wakeup(signal);
  let finished = false;
  const stop = growth?.onGrowth(logs.run, (isLast) => {
    finished ||= isLast;
    wakeup.wake();
  });
  let { since } = selection;
  try {
    while (!signal.aborted) {
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
          if (signal.aborted) return;
          yield { ...piece, isLast: piece.offset + piece.length === ends?.[piece.stream] };
          since = piece.seq;
          rest = withoutHead(rest, piece.offset + piece.length - rest.offset);
        } while (rest.length > 0);
      }
      if (ended || !growth) return;
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
