/** The reader of output: pages, followers and waits for a pattern, all by `read` below it. */
import { BgJobsError } from '../../api/errors.ts';
import type { Chunk, Output, OutputOptions } from '../../api/output.ts';
import { LogFiles } from '../../logs/logReader.ts';
import { Wakeup } from '../../logs/wakeup.ts';
import { streamSizes, type ChunkIndex } from '../../store/chunkIndex.ts';
import type { RunLogs } from '../../store/runTable.ts';
import { ChunkDecoder } from '../../text/textStream.ts';
import {
  everything,
  head,
  maxChunks,
  parts,
  readPiece,
  select,
  toChunk,
  withoutBytes,
  withoutHead,
  type OutputSource,
  type Piece,
  type Selection,
} from './pieces.ts';
import { LineScanner, type Line, type LinePattern } from './lineScanner.ts';
import type { GrowthSource } from './logLimit.ts';

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
 * - `grep` shows a line when it is complete or the run has ended: of one that was redrawn, the last state that matches. Its
 *   `next` continues after the lines that were searched, matching or not; the page may be empty and have `more`.
 * - `droppedBytes` counts what this page passed over.
 * @throws BgJobsError `invalid_request` for a bad pattern or range
 */
export async function readOutput(run: RunOutput, options: OutputOptions): Promise<OutputPage> {
  const page: OutputPage = { chunks: [], next: 0, droppedBytes: 0, more: false };
  const isOfText = options.text && options.format !== 'raw';
  let left = options.text || options.format === 'raw' ? options.limit : Infinity;
  let toSearch = searchBytes;
  for await (const { steps, tooLong } of read(run, options, left, () => Math.max(1, left))) {
    for (const { chunk, next, dropped, searched } of steps) {
      if (chunk) {
        const length = isOfText && options.grep !== undefined ? Buffer.byteLength(chunk.text) : chunk.length;
        // A line that is longer than the limit comes alone: else nobody would get past it.
        const isFull = length > left || page.chunks.length === maxChunks;
        if (isFull && page.chunks.length > 0) return { ...page, chunks: [...page.chunks, ...tooLong()], more: true };
        page.chunks.push(chunk);
        left -= length;
      }
      page.next = next;
      page.droppedBytes += dropped;
      toSearch -= searched;
      if (toSearch <= 0) return { ...page, chunks: [...page.chunks, ...tooLong()], more: true };
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
  for await (const { steps } of read(run, options, Infinity, () => longest, signal)) {
    for (const { chunk } of steps) if (chunk) yield chunk;
  }
}

export interface LineMatch {
  /** The state of the line, as a terminal shows it. */
  text: string;
  /** It is finished: nothing follows the text. */
  isWhole: boolean;
}

/**
 * The first state of a line of a run's output that matches, from its beginning on. A line that is not finished matches as
 * well: a prompt has no newline. So `^ready$` may match a line of which only `ready` has been written so far.
 * @returns undefined when the run ends without it or the signal is aborted
 */
export async function waitForPattern(
  run: RunOutput,
  pattern: LinePattern,
  signal: AbortSignal,
): Promise<LineMatch | undefined> {
  await using source = open(run);
  const scanner = new LineScanner(source, everything.first, pattern);
  for await (const piece of readPieces(source, everything, () => blockBytes, signal)) {
    // The first line that has a match is enough; without one, this is the whole piece.
    (await scanner.feed(piece))[Symbol.iterator]().next();
    if (scanner.first !== undefined) return { text: scanner.first, isWhole: true };
    const text = scanner.unfinished();
    if (text !== undefined) return { text, isWhole: false };
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
): AsyncGenerator<Steps, void, void> {
  const pattern = options.grep === undefined ? undefined : await compileLinePattern(options.grep);
  await using source = open(run);
  const selection = await select(source, options, maxTailBytes);
  const view = pattern ? lineView(new LineScanner(source, selection.first, pattern), options.text) : chunkView(options);
  const { tooLong } = view;
  yield { steps: [{ next: selection.since, dropped: 0, searched: 0 }], tooLong };
  const most = pattern ? () => blockBytes : maxBytes;
  for await (const piece of readPieces(source, selection, most, signal, options.text || pattern !== undefined)) {
    yield { steps: await view.steps(piece), tooLong };
  }
  if (!signal || signal.aborted) return;
  yield { steps: Array.from(view.rest(), (chunk) => ({ chunk, next: chunk.seq, dropped: 0, searched: 0 })), tooLong };
}

interface Steps {
  steps: Iterable<Step>;
  tooLong: View['tooLong'];
}

interface View {
  steps(piece: Piece): Iterable<Step> | Promise<Iterable<Step>>;
  /** What the end of the run adds. */
  rest(): Iterable<Chunk>;
  /** What the end of a page adds, because the next one would not find it. */
  tooLong: () => Iterable<Chunk>;
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
    tooLong: () => [],
  };
}

function lineView(scanner: LineScanner, withText: boolean): View {
  const toChunks = (lines: Iterable<Line>): Chunk[] =>
    Array.from(lines, (line) => toChunk(line, withText ? line.text : ''));
  function* steps(piece: Piece, lines: Iterable<Line>): Generator<Step, void, void> {
    let next = piece.seq - piece.length;
    yield { next, dropped: piece.dropped, searched: 0 };
    for (const line of lines) {
      yield { next, dropped: 0, searched: 0 };
      yield { chunk: toChunk(line, withText ? line.text : ''), next: line.seq, dropped: 0, searched: 0 };
      next = line.seq;
    }
    yield { next: piece.seq, dropped: 0, searched: Math.max(piece.length, pieceCost) };
  }
  return {
    steps: async (piece) => steps(piece, await scanner.feed(piece)),
    rest: () => toChunks(scanner.rest()),
    tooLong: () => toChunks(scanner.tooLong()),
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

/**
 * As JavaScript writes it, `/pattern/` or `/pattern/i`, or the pattern alone. A path such as `/usr/local` is a pattern.
 * @throws BgJobsError `invalid_request` for another flag
 */
function withoutSlashes(pattern: string): string {
  const [, inner, flags = ''] = /^\/(.+)\/([dgimsuvy]{0,3})$/s.exec(pattern) ?? [];
  if (inner === undefined) return pattern;
  if (flags === '' || flags === 'i') return flags === '' ? inner : `(?i)${inner}`;
  const text = `The only flag of a pattern is i, as in /${inner}/i. To look for the slashes themselves: \\${pattern}`;
  throw new BgJobsError('invalid_request', text, { pattern, position: inner.length + 2, part: flags });
}

/**
 * RE2 syntax: time is linear in the length of the line, whatever the pattern. The library is loaded with the first pattern,
 * because its tables of characters take memory that a host without patterns need not spend.
 * @throws BgJobsError `invalid_request`, details `{pattern, position, part}`
 */
export async function compileLinePattern(pattern: string): Promise<LinePattern> {
  const { RE2JS, RE2JSException, RE2JSSyntaxException } = await import('re2js');
  try {
    const compiled = RE2JS.compile(withoutSlashes(pattern));
    return {
      matches: (line) => compiled.test(line),
      position(line) {
        const matcher = compiled.matcher(line);
        return matcher.find() ? matcher.start() : -1;
      },
    };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const part = error instanceof RE2JSSyntaxException ? error.getPattern() : null;
    const position = part ? Math.max(0, pattern.indexOf(part)) : 0;
    const what = error instanceof RE2JSSyntaxException ? error.getDescription() : error.message;
    throw new BgJobsError('invalid_request', `Invalid pattern: ${what} at position ${position}: ${part ?? pattern}`, {
      pattern,
      position,
      part,
    });
  }
}
