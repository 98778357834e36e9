import { GrowthWait, type GrowthSource } from './growth.ts';
import { type OutputSource, streamEnds } from './outputSource.ts';
import { type Piece, readPieces } from './pieces.ts';
import type { Part, Selection } from './selection.ts';

export interface Live {
  growth: GrowthSource;
  /** The run has ended, and its last bytes are in the index. */
  isEnded: () => boolean;
  signal: AbortSignal;
}

/** Reads what a selection has, and again whenever there is more, until the run has ended or the signal is aborted. */
export async function* livePieces(
  source: OutputSource,
  selection: Selection,
  live: Live,
  maxBytes: number,
): AsyncGenerator<{ piece: Piece; isLast: boolean }, void, void> {
  let ends: ReturnType<typeof streamEnds>;
  const read = (rest: Selection, ended: boolean): AsyncIterable<Piece> => {
    ends = streamEnds(source, ended);
    return readPieces(source, rest, maxBytes);
  };
  for await (const piece of whileLive(source, selection, live, read)) {
    yield { piece, isLast: piece.offset + piece.length === ends?.[piece.stream] };
  }
}

/** @param read is given what has not been read of the selection, and whether anything can follow it */
export async function* whileLive<T extends Part>(
  { logs }: OutputSource,
  selection: Selection,
  { growth, isEnded, signal }: Live,
  read: (rest: Selection, ended: boolean) => AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T, void, void> {
  const wait = new GrowthWait(growth, logs.run, signal);
  let { since } = selection;
  try {
    while (!signal.aborted) {
      const ended = wait.finished || isEnded();
      for await (const part of read({ ...selection, since }, ended)) {
        if (signal.aborted) return;
        yield part;
        since = part.seq;
      }
      if (ended) return;
      await wait.next();
    }
  } finally {
    wait.dispose();
  }
}
