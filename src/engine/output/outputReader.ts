import type { Chunk, Output, OutputOptions } from '../../api/output.ts';
import type { ChunkIndex } from '../../store/chunkIndex.ts';
import { compileLinePattern, type LinePattern } from './linePattern.ts';
import { LineScanner, lineText, plainLine } from './lineScanner.ts';
import { LogFiles } from './logFiles.ts';
import { type OutputSource, streamEnds } from './outputSource.ts';
import { pieceText, readPiece, readPieces, toChunk, unhurried } from './pieces.ts';
import type { RunLogs } from './runLogs.ts';
import { head, parts, select, type Selection } from './selection.ts';
import { maxChunks } from './tailStart.ts';

export type OutputPage = Omit<Output, 'status'>;

/** What one answer to a grep looks through at most (bytes), and what each piece counts for at least. */
const scanBytes = 16_777_216;
const scanBlockBytes = 262_144;
const pieceCost = 1024;

/**
 * One page of a run's output.
 * - `limit` counts the bytes of the answer, so positions alone (`text: false`) are not limited by it; those that the
 *   host makes a raw answer of are.
 * - `tail` together with `grep` takes the last lines first and shows those of them that match.
 * - `grep` shows a line when it is complete or the run has ended. Its `next` continues behind the lines that were
 *   looked at, matching or not; the page may be empty and have `more`.
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
  const pattern = options.grep === undefined ? undefined : await compileLinePattern(options.grep);
  const files = new LogFiles(logs);
  try {
    const source = { index, logs, files };
    const limit = options.text || options.format === 'raw' ? options.limit : Infinity;
    const page = { selection: await select(source, options, limit), limit, withText: options.text, ended };
    return pattern ? await readLines(source, page, pattern) : await readChunks(source, page);
  } finally {
    await files.close();
  }
}

interface Page {
  selection: Selection;
  /** Bytes. */
  limit: number;
  withText: boolean;
  ended: boolean;
}

async function readChunks(source: OutputSource, { selection, limit, withText, ended }: Page): Promise<OutputPage> {
  const ends = streamEnds(source, ended);
  const chunks: Chunk[] = [];
  let next = selection.since;
  let droppedBytes = 0;
  let left = limit;
  for await (const part of unhurried(parts(source, selection))) {
    const isFull = left === 0 || chunks.length === maxChunks;
    if (part.length > 0 && isFull) return { chunks, next, droppedBytes, more: true };
    const piece = withText ? await readPiece(source, part, left) : undefined;
    const taken = piece ?? head(part, Math.min(part.length, left));
    const isLast = taken.offset + taken.length === ends?.[taken.stream];
    if (taken.length > 0) chunks.push(toChunk(taken, piece ? pieceText(piece, isLast) : ''));
    next = taken.seq;
    left -= taken.length;
    droppedBytes += taken.dropped;
    if (next < part.seq) return { chunks, next, droppedBytes, more: true };
  }
  return { chunks, next, droppedBytes, more: false };
}

async function readLines(
  source: OutputSource,
  { selection, limit, withText, ended }: Page,
  pattern: LinePattern,
): Promise<OutputPage> {
  const ends = streamEnds(source, ended);
  const scanner = new LineScanner(source, selection.first);
  const chunks: Chunk[] = [];
  let next = selection.since;
  let droppedBytes = 0;
  let left = limit;
  let toScan = scanBytes;
  for await (const piece of readPieces(source, selection, scanBlockBytes)) {
    droppedBytes += piece.dropped;
    next = piece.seq - piece.length;
    const isLast = piece.offset + piece.length === ends?.[piece.stream];
    for (const line of await scanner.feed(piece, isLast)) {
      if (pattern.matches(plainLine(line))) {
        // A line that is longer than the limit comes alone: else nobody would get past it.
        const isFull = line.length > left || chunks.length === maxChunks;
        if (isFull && chunks.length > 0) return { chunks, next, droppedBytes, more: true };
        chunks.push(toChunk(line, withText ? lineText(line) : ''));
        left -= line.length;
      }
      next = line.seq;
    }
    next = piece.seq;
    toScan -= Math.max(piece.length, pieceCost);
    if (toScan <= 0) return { chunks, next, droppedBytes, more: true };
  }
  return { chunks, next, droppedBytes, more: false };
}
