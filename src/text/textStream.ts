// From the bytes of a log, which come in pieces, to text and lines.

/** The most bytes of a UTF-8 character that can precede a cut. */
export const longestLead = 3;

/** Bytes of a log, and those right before them, at most {@link longestLead}: a character may have begun there. */
export interface ByteSlice {
  readonly bytes: Buffer;
  readonly lead: Buffer;
}

/**
 * The number of bytes at the end that belong to a character which continues after them: 0 to 3.
 * Bytes that cannot begin such a character count as complete, so a cut there never changes the decoded text.
 */
export function cutBytes(bytes: Buffer): number {
  const most = Math.min(longestLead, bytes.length);
  for (let back = 1; back <= most; back++) {
    const length = sequenceLength(bytes[bytes.length - back]!);
    if (length > 0) return length > back ? back : 0;
  }
  return 0;
}

/** The length of the UTF-8 sequence that this byte begins; 0 for a continuation byte. */
function sequenceLength(byte: number): number {
  if (byte >= 0x80 && byte < 0xc0) return 0;
  if (byte < 0xc2 || byte > 0xf4) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

/**
 * Decodes UTF-8. A character that is cut belongs to the bytes that hold its last byte, so a log can be cut anywhere and
 * read in any order, and every character appears once.
 * @param isLast nothing follows: a character that is cut becomes U+FFFD
 */
export function decode({ bytes, lead }: ByteSlice, isLast = false): string {
  const begun = cutBytes(lead);
  const block = begun === 0 ? bytes : Buffer.concat([lead.subarray(lead.length - begun), bytes]);
  return block.toString('utf8', 0, isLast ? block.length : block.length - cutBytes(block));
}

/** The part of a chunk of output that decoding reads and writes. `offset` and `length` are in bytes. */
type TextChunk = Readonly<{ stream: string; offset: number; length: number; text: string }>;

/** Fills in the text of successive chunks of a run's streams. */
export class ChunkDecoder<Chunk extends TextChunk> {
  /** The last chunk of each stream that ends within a character. */
  readonly #cut = new Map<string, Chunk>();

  /** @param isLast nothing follows in this stream */
  decode(chunk: Chunk, slice: ByteSlice, isLast = false): Chunk {
    const { bytes, lead } = slice;
    const end = bytes.length < longestLead ? Buffer.concat([lead, bytes]) : bytes;
    if (!isLast && cutBytes(end) > 0) this.#cut.set(chunk.stream, chunk);
    else this.#cut.delete(chunk.stream);
    return { ...chunk, text: decode(slice, isLast) };
  }

  /** After the end of the run: an empty chunk with U+FFFD for each stream whose last character stayed cut. */
  *end(): Generator<Chunk> {
    for (const chunk of this.#cut.values()) {
      yield { ...chunk, offset: chunk.offset + chunk.length, length: 0, text: '\ufffd' };
    }
  }
}

/**
 * Splits text that arrives in pieces into lines, without their newlines. A line that grows longer than the limit is
 * returned as soon as it does, as it is by then, and its rest is skipped; so memory is bounded, and a line of more than
 * `longest` characters is one that was cut.
 */
export class LineSplitter {
  readonly #longest: number;
  #line = '';
  #skipping = false;

  /** @param longest in UTF-16 units */
  constructor(longest = Infinity) {
    this.#longest = longest;
  }

  /** The lines that end within this piece. */
  *push(piece: string): Generator<string, void, void> {
    for (let at = 0; at < piece.length;) {
      const found = piece.indexOf('\n', at);
      const end = found < 0 ? piece.length : found;
      if (!this.#skipping) {
        this.#line += piece.slice(at, end);
        const isTooLong = this.#line.length > this.#longest;
        this.#skipping = isTooLong;
        if (isTooLong || found >= 0) yield this.end();
      }
      if (found >= 0) this.#skipping = false;
      at = end + 1;
    }
  }

  /** The last line, when it has no newline; empty when there is none. */
  end(): string {
    const line = this.#line;
    this.#line = '';
    return line;
  }

  /** Drops the unfinished line and its rest, because what follows does not continue it. */
  skipLine(): void {
    this.#line = '';
    this.#skipping = true;
  }
}
