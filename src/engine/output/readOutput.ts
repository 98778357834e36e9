/**
 * The reader of output: pages, followers and waits for a pattern, all by `read` below it. The room `engine/output` also
 * tracks the growth of logs (`outputTracker.ts`) and limits their size. It may import api, text, logs and store; the rooms
 * of the engine above it may import it.
 */
import type { Chunk, Output, OutputOptions } from '../../api/output.ts';
import { LogFiles } from '../../logs/logReader.ts';
import { Wakeup } from '../../logs/wakeup.ts';
import { streamSizes, type ChunkIndex } from '../../store/chunkIndex.ts';
import { ChunkDecoder } from '../../text/utf8.ts';
import { LineScanner, compileLinePattern, lineText, plainLine, type Line, type LinePattern } from './lines.ts';
import {
  everything,
  head,
  maxChunks,
  type OutputSource,
  parts,
  type Piece,
  readPiece,
  select,
  type Selection,
  toChunk,
  withoutBytes,
  withoutHead,
} from './pieces.ts';
import type { GrowthSource, RunLogs } from './runLogs.ts';

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
  for await (const steps of read(run, options, left, () => Math.max(1, left))) {
    for (const { chunk, next, dropped, searched } of steps) {
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
  for await (const steps of read(run, options, Infinity, () => longest, signal)) {
    for (const { chunk } of steps) if (chunk) yield chunk;
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
  chunk?: Chunk | undefined;
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
 * The one reader: a page is a follow that ends with what is there now. Its steps come by piece, because a grep has many.
 * @param maxBytes the longest chunk
 * @param signal follows the run until it has ended or the signal is aborted
 */
async function* read(
  run: RunOutput,
  options: OutputOptions,
  maxTailBytes: number,
  maxBytes: () => number,
  signal?: AbortSignal,
): AsyncGenerator<Iterable<Step>, void, void> {
  const pattern = options.grep === undefined ? undefined : await compileLinePattern(options.grep);
  await using source = open(run);
  const selection = await select(source, options, maxTailBytes);
  yield [{ next: selection.since, dropped: 0, searched: 0 }];
  const view = pattern ? lineView(new LineScanner(source, selection.first), pattern, options.text) : chunkView(options);
  const most = pattern ? () => blockBytes : maxBytes;
  for await (const piece of readPieces(source, selection, most, signal, options.text || pattern !== undefined)) {
    yield view.steps(piece);
  }
  if (!signal || signal.aborted) return;
  yield Array.from(view.rest(), (chunk) => ({ chunk, next: chunk.seq, dropped: 0, searched: 0 }));
}

interface View {
  steps(piece: Piece): Iterable<Step> | Promise<Iterable<Step>>;
  /** What the end of the run adds. */
  rest(): Iterable<Chunk>;
}

function chunkView({ text }: OutputOptions): View {
  const decoder = new ChunkDecoder<Chunk>();
  return {
    steps(piece) {
      let chunk = piece.length === 0 ? undefined : toChunk(piece);
      if (chunk && text) chunk = decoder.decode(chunk, piece, piece.isLast);
      return [{ chunk, next: piece.seq, dropped: piece.dropped, searched: 0 }];
    },
    rest: () => decoder.end(),
  };
}

function lineView(scanner: LineScanner, pattern: LinePattern, withText: boolean): View {
  const match = (line: Line): Chunk | undefined =>
    pattern.matches(plainLine(line)) ? toChunk(line, withText ? lineText(line) : '') : undefined;
  function* steps(piece: Piece, lines: Iterable<Line>): Generator<Step, void, void> {
    let next = piece.seq - piece.length;
    yield { next, dropped: piece.dropped, searched: 0 };
    for (const line of lines) {
      const chunk = match(line);
      if (chunk) {
        yield { next, dropped: 0, searched: 0 };
        yield { chunk, next: line.seq, dropped: 0, searched: 0 };
      }
      next = line.seq;
    }
    yield { next: piece.seq, dropped: 0, searched: Math.max(piece.length, pieceCost) };
  }
  return {
    steps: async (piece) => steps(piece, await scanner.feed(piece)),
    rest: () => scanner.unfinished().flatMap((line) => match(line) ?? []),
  };
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
  let walked = 0;
  try {
    while (!signal?.aborted) {
      const ended = finished || isEnded();
      // What is cut there stays cut; where a live run ends is not known.
      const ends = ended ? streamSizes(index.last(logs.run)) : undefined;
      for (const part of parts(source, { ...selection, since })) {
        // A long index is walked without a single read when little of it is selected.
        if (++walked % 1024 === 0) await new Promise(setImmediate);
        let rest = part;
        do {
          const length = Math.min(rest.length, maxBytes());
          const piece = withBytes ? await readPiece(source, rest, length) : withoutBytes(head(rest, length));
          piece.isLast = piece.offset + piece.length === ends?.[piece.stream];
          if (signal?.aborted) return;
          yield piece;
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
