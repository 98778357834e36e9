import { TextDecoder } from 'node:util';
import type { LogBytes } from '../dataDir/logBytes.ts';
import type { Chunk, Stream } from '../api/output.ts';

/** The longest part of a UTF-8 character that can lie before a cut. */
const longestLead = 3;

/** Decodes the bytes of a run's streams as UTF-8, across the borders of chunks. */
export class LogText {
  readonly #streams = new Map<Stream, { decoder: TextDecoder; last: Chunk }>();

  /** @param log for the beginning of a character that lies before the first chunk of all, or behind a gap */
  async decode(chunk: Chunk, bytes: Buffer, log: LogBytes): Promise<string> {
    let decoder = this.#streams.get(chunk.stream)?.decoder;
    const last = this.#streams.get(chunk.stream)?.last;
    if (!decoder || !last || last.offset + last.length !== chunk.offset) {
      decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      const lead = Math.min(longestLead, chunk.offset);
      // Only what stays in the decoder is of interest.
      if (lead > 0) decoder.decode(await log.read(chunk.stream, chunk.offset - lead, lead), { stream: true });
    }
    this.#streams.set(chunk.stream, { decoder, last: chunk });
    return decoder.decode(bytes, { stream: true });
  }

  /** At the end of the run: a chunk without bytes for each stream that ends within a character. */
  *unfinished(): Generator<Chunk> {
    for (const { decoder, last } of this.#streams.values()) {
      const text = decoder.decode();
      if (text) yield { ...last, offset: last.offset + last.length, length: 0, text };
    }
  }
}
