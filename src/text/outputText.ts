import type { Chunk, Output, OutputOptions, Stream } from '../api/output.ts';

/** Output that maxLogBytes dropped before it was read. */
export type Gap = Pick<Output, 'droppedBytes'>;

type Query = Partial<Pick<OutputOptions, 'since' | 'tail' | 'range' | 'grep'>>;

/**
 * Finds where output was dropped, in pages and in a live stream: where the next chunk of a stream does not begin at the
 * end of the one before.
 */
export class GapFinder {
  readonly #ends = new Map<Stream, number>();
  /** Whether the chunks show every gap. */
  readonly isFromStart: boolean;
  readonly #isGrep: boolean;

  /** @param query that the chunks answer */
  constructor({ since, tail, range, grep }: Query) {
    this.#isGrep = grep !== undefined;
    // Elsewhere the first chunk of a stream may begin anywhere.
    this.isFromStart = !since && tail === undefined && range === undefined && !this.#isGrep;
    if (this.isFromStart) for (const stream of ['stdout', 'stderr'] as const) this.#ends.set(stream, 0);
  }

  /**
   * The chunks with the gaps between them. What the chunks do not show of a page's `droppedBytes` comes first, or last
   * where the page ended before the next chunk of that stream.
   */
  *pass(chunks: Iterable<Chunk>, droppedBytes = 0): Generator<Chunk | Gap, void, void> {
    let left = droppedBytes;
    if (!this.isFromStart && left > 0) {
      yield { droppedBytes };
      left = 0;
    }
    for (const chunk of chunks) {
      const gap = this.#before(chunk);
      if (gap > 0) yield { droppedBytes: gap };
      left -= gap;
      yield chunk;
    }
    if (left > 0) yield { droppedBytes: left };
  }

  #before({ stream, offset, length }: Chunk): number {
    const gap = offset - (this.#ends.get(stream) ?? offset);
    this.#ends.set(stream, offset + length);
    // Lines that do not match leave gaps too.
    return this.#isGrep ? 0 : gap;
  }
}

/** The text of chunks, page by page or of a live stream, with a line of its own where output was dropped. */
export class OutputText {
  readonly #gaps: GapFinder;
  #atLineStart = true;

  /** @param query that the chunks answer */
  constructor(query: Query) {
    this.#gaps = new GapFinder(query);
  }

  /** @param droppedBytes of the page; unknown for a live stream */
  next(chunks: Iterable<Chunk>, droppedBytes = 0): string {
    let text = '';
    for (const item of this.#gaps.pass(chunks, droppedBytes)) {
      const part = 'text' in item ? item.text : `${this.#atLineStart ? '' : '\n'}${gapLine(item)}\n`;
      text += part;
      if (part !== '') this.#atLineStart = part.endsWith('\n');
    }
    return text;
  }
}

export function gapLine({ droppedBytes }: Gap): string {
  return `[… ${droppedBytes} bytes dropped by maxLogBytes …]`;
}
