import type { Chunk, OutputOptions, Stream } from '../../api/output.ts';
import type { ChunkIndex } from '../../store/chunkIndex.ts';
import type { GrowthSource } from './growth.ts';
import { compileLinePattern, type LinePattern } from './linePattern.ts';
import { type Line, LineScanner, lineText, plainLine } from './lineScanner.ts';
import { type Live, livePieces, whileLive } from './live.ts';
import { LogFiles } from './logFiles.ts';
import type { OutputSource } from './outputSource.ts';
import { endsWithinCharacter, type Piece, pieceText, toChunk } from './pieces.ts';
import type { RunLogs } from './runLogs.ts';
import { parts, select, type Selection } from './selection.ts';

/** The longest piece that is read and told at once (bytes), so that a flood does not fill the memory. */
const followBytes = 262_144;

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
  const pattern = options.grep === undefined ? undefined : await compileLinePattern(options.grep);
  const files = new LogFiles(logs);
  try {
    const source = { index, logs, files };
    const selection = await select(source, options, Infinity);
    const live = { growth, isEnded, signal };
    if (pattern) yield* followLines(source, selection, live, pattern, options.text);
    else if (options.text) yield* followText(source, selection, live, Math.min(options.limit, followBytes));
    else yield* followPositions(source, selection, live);
  } finally {
    await files.close();
  }
}

async function* followPositions(source: OutputSource, selection: Selection, live: Live): AsyncGenerator<Chunk> {
  for await (const part of whileLive(source, selection, live, (rest) => parts(source, rest))) {
    if (part.length > 0) yield toChunk(part, '');
  }
}

async function* followText(
  source: OutputSource,
  selection: Selection,
  live: Live,
  maxBytes: number,
): AsyncGenerator<Chunk> {
  const cut = new Map<Stream, Piece>();
  for await (const { piece, isLast } of livePieces(source, selection, live, maxBytes)) {
    if (piece.length === 0) continue;
    yield toChunk(piece, pieceText(piece, isLast));
    if (!isLast && endsWithinCharacter(piece)) cut.set(piece.stream, piece);
    else cut.delete(piece.stream);
  }
  if (live.signal.aborted) return;
  // The rest of these characters never came.
  for (const piece of cut.values()) {
    yield toChunk({ ...piece, offset: piece.offset + piece.length, length: 0 }, '\ufffd');
  }
}

async function* followLines(
  source: OutputSource,
  selection: Selection,
  live: Live,
  pattern: LinePattern,
  withText: boolean,
): AsyncGenerator<Chunk> {
  const scanner = new LineScanner(source, selection.first);
  const matching = function* (lines: Iterable<Line>): Generator<Chunk> {
    for (const line of lines) {
      if (pattern.matches(plainLine(line))) yield toChunk(line, withText ? lineText(line) : '');
    }
  };
  for await (const { piece, isLast } of livePieces(source, selection, live, followBytes)) {
    yield* matching(await scanner.feed(piece, isLast));
  }
  if (!live.signal.aborted) yield* matching(scanner.unfinished());
}
