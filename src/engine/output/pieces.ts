import type { Chunk } from '../../api/output.ts';
import type { LogFiles } from '../../logs/logFiles.ts';
import type { ChunkIndex, ChunkRow } from '../../store/chunkIndex.ts';
import { longestLead, type ByteSlice } from '../../text/utf8.ts';
import type { RunLogs } from './runLogs.ts';

/** What the output of one run is read from. */
export interface OutputSource {
  index: ChunkIndex;
  logs: RunLogs;
  files: LogFiles;
}

/** The selected part of an index row; `length` is 0 when nothing of it is selected. */
export interface Part extends ChunkRow {
  /** Selected bytes right before this part that maxLogBytes has dropped. */
  dropped: number;
}

/** A part with its bytes: fewer than `length` when the log was cut or removed by hand. */
export interface Piece extends Part, ByteSlice {
  /** Nothing follows in this stream, ever: known only after the run has ended. */
  isLast: boolean;
}

export const nothing = Buffer.alloc(0);

/**
 * The beginning of a part, at most `maxBytes` of it.
 * A drop can happen while the log is read, and dropped bytes read as zeros. It is announced in `logs.dropped` before
 * it is done, so bytes that were not announced after they were read are those that the job wrote.
 */
export async function readPiece({ files, logs }: OutputSource, part: Part, maxBytes: number): Promise<Piece> {
  for (;;) {
    const dropped = logs.dropped[part.stream];
    const kept = withoutDropped(part, dropped);
    if (kept.length === 0) return withoutBytes(kept);
    const length = Math.min(kept.length, maxBytes);
    const from = Math.max(dropped, kept.offset - longestLead);
    const block = await files.read(kept.stream, from, kept.offset + length);
    if (logs.dropped[part.stream] > kept.offset) continue;
    const lead = kept.offset - from;
    return { ...head(kept, length), bytes: block.subarray(lead), lead: block.subarray(0, lead), isLast: false };
  }
}

export function withoutBytes(part: Part): Piece {
  return { ...part, bytes: nothing, lead: nothing, isLast: false };
}

/** @param dropped bytes at the stream's beginning that are gone */
export function withoutDropped(part: Part, dropped: number): Part {
  const lost = Math.min(part.length, Math.max(0, dropped - part.offset));
  return lost === 0 ? part : { ...withoutHead(part, lost), dropped: part.dropped + lost };
}

export function head(part: Part, length: number): Part {
  return { ...part, seq: part.seq - (part.length - length), length };
}

export function withoutHead(part: Part, length: number): Part {
  return { ...part, offset: part.offset + length, length: part.length - length, dropped: 0 };
}

export function toChunk({ seq, time, stream, offset, length }: Part, text = ''): Chunk {
  return { seq, time: new Date(time).toISOString(), stream, offset, length, text };
}
