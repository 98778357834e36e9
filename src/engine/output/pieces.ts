import type { Chunk } from '../../api/output.ts';
import type { OutputSource } from './outputSource.ts';
import { head, type Part, parts, type Selection, withoutDropped, withoutHead } from './selection.ts';
import { cutBytes } from './utf8.ts';

/** A part with its bytes. Fewer bytes than `length` when the log was cut or removed by hand. */
export interface Piece extends Part {
  bytes: Buffer;
  /** Up to three bytes that come before them in the log: where a character may have begun. */
  lead: Buffer;
}

const nothing = Buffer.alloc(0);
const longestLead = 3;

/**
 * The beginning of a part, at most `maxBytes` of it.
 * A drop can happen while the log is read, and what is dropped reads as zeros: it is announced in `logs.dropped` before
 * it is done, so bytes that were not announced after they were read are what the job wrote.
 */
export async function readPiece({ files, logs }: OutputSource, part: Part, maxBytes: number): Promise<Piece> {
  for (;;) {
    const dropped = logs.dropped[part.stream];
    const kept = withoutDropped(part, dropped);
    if (kept.length === 0) return { ...kept, bytes: nothing, lead: nothing };
    const length = Math.min(kept.length, maxBytes);
    const from = Math.max(dropped, kept.offset - longestLead);
    const block = await files.read(kept.stream, from, kept.offset + length);
    if (logs.dropped[part.stream] > kept.offset) continue;
    const lead = kept.offset - from;
    return { ...head(kept, length), bytes: block.subarray(lead), lead: block.subarray(0, lead) };
  }
}

/** All pieces of a selection that are there now. A piece of length 0 says that nothing up to its `seq` is selected. */
export async function* readPieces(
  source: OutputSource,
  selection: Selection,
  maxBytes: number,
): AsyncGenerator<Piece, void, void> {
  for await (const part of unhurried(parts(source, selection))) {
    let rest = part;
    do {
      const piece = await readPiece(source, rest, maxBytes);
      yield piece;
      rest = withoutHead(rest, piece.offset + piece.length - rest.offset);
    } while (rest.length > 0);
  }
}

/** Lets others run now and then: a long index is walked without a single read when little of it is selected. */
export async function* unhurried<T>(items: Iterable<T>): AsyncGenerator<T, void, void> {
  let count = 0;
  for (const item of items) {
    yield item;
    if (++count % 1024 === 0) await new Promise(setImmediate);
  }
}

/**
 * The text of a piece. A character that is cut belongs wholly to the piece that holds its last byte, so pieces can be
 * cut anywhere, read in any order, and every character comes once.
 * @param isLast nothing follows in this stream, ever: what is cut is shown as U+FFFD
 */
export function pieceText({ bytes, lead }: Piece, isLast: boolean): string {
  const begun = cutBytes(lead);
  const block = begun === 0 ? bytes : Buffer.concat([lead.subarray(lead.length - begun), bytes]);
  return block.toString('utf8', 0, isLast ? block.length : block.length - cutBytes(block));
}

/** The last character of the stream so far is cut. */
export function endsWithinCharacter({ bytes, lead }: Piece): boolean {
  return cutBytes(bytes.length < 3 ? Buffer.concat([lead, bytes]) : bytes) > 0;
}

export function toChunk(part: Part, text: string): Chunk {
  const { seq, stream, offset, length } = part;
  return { seq, time: new Date(part.time).toISOString(), stream, offset, length, text };
}
