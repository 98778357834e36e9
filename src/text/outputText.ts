import type { Chunk, OutputOptions, Stream } from '../api/output.ts';

/** The line that stands in text where maxLogBytes has dropped output. */
export function dropMarker(bytes: number): string {
  return `[… ${bytes} bytes dropped by maxLogBytes …]\n`;
}

/**
 * The text of chunks, of one page or of a live stream, with a marker where bytes were dropped: where a stream's next
 * chunk does not begin at the end of the one before. Where that cannot be seen, a page's `droppedBytes` are said first.
 * @param query what the chunks answer
 * @param droppedBytes of the page; of a live stream it is not known
 */
export async function* outputText(
  chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
  query: Pick<OutputOptions, 'since' | 'tail' | 'range' | 'grep'>,
  droppedBytes = 0,
): AsyncGenerator<string, void, void> {
  // Lines that do not match leave gaps too; and elsewhere than at the beginning the first chunk may begin anywhere.
  const isWhole = !query.since && query.tail === undefined && query.range === undefined && query.grep === undefined;
  const ends = new Map<Stream, number>(
    isWhole
      ? [
          ['stdout', 0],
          ['stderr', 0],
        ]
      : [],
  );
  let atLineStart = true;
  let untold = droppedBytes;
  const marker = (bytes: number): string => {
    untold -= bytes;
    return `${atLineStart ? '' : '\n'}${dropMarker(bytes)}`;
  };
  if (!isWhole && untold > 0) yield marker(untold);
  for await (const chunk of chunks) {
    const gap = query.grep === undefined ? chunk.offset - (ends.get(chunk.stream) ?? chunk.offset) : 0;
    yield `${gap > 0 ? marker(gap) : ''}${chunk.text}`;
    ends.set(chunk.stream, chunk.offset + chunk.length);
    if (chunk.text !== '') atLineStart = chunk.text.endsWith('\n');
  }
  // The page ended before the next chunk of that stream.
  if (untold > 0) yield marker(untold);
}
