import { BgJobsError } from '../../api/errors.ts';
import type { OutputOptions, Stream } from '../../api/output.ts';
import type { ChunkRow } from '../../store/chunkIndex.ts';
import type { OutputSource } from './outputSource.ts';
import { tailStart } from './tailStart.ts';

/** Which bytes of a run somebody wants to see. */
export interface Selection {
  /** Only what is behind this `seq`. */
  since: number;
  /** One stream alone; undefined: both. */
  stream: Stream | undefined;
  /** Offsets in the stream's log; `end` is not included. */
  first: number;
  end: number;
}

/** What a selection takes of one row; `length` is 0 when it takes nothing. */
export interface Part extends ChunkRow {
  /** Selected bytes right before this part that maxLogBytes has dropped. */
  dropped: number;
}

export const everything: Selection = { since: 0, stream: undefined, first: 0, end: Infinity };

const rowsAtOnce = 256;

/**
 * `tail` counts within what the other options select; `since` and `range` limit each other, so that a long range can
 * be read in pages.
 * @param maxTailBytes what a tail may have at most: its beginning is left out
 * @throws BgJobsError `invalid_request` for a range that ends before it begins
 */
export async function select(source: OutputSource, options: OutputOptions, maxTailBytes: number): Promise<Selection> {
  const { index, logs } = source;
  const selection: Selection = { ...everything, since: options.since ?? 0, stream: options.stream };
  if (options.range !== undefined) {
    const [first, last] = options.range.split('-') as [string, string];
    selection.stream ??= 'stdout';
    selection.first = Number(first);
    selection.end = last === '' ? Infinity : Number(last) + 1;
    if (selection.end <= selection.first) {
      throw new BgJobsError('invalid_request', `The range ${options.range} ends before it begins.`);
    }
    const row = index.covering(logs.run, selection.stream, selection.first);
    const start = row ? row.seq - row.length : (index.last(logs.run)?.seq ?? 0);
    selection.since = Math.max(selection.since, start);
  }
  if (options.tail !== undefined) {
    selection.since = await tailStart(source, selection, options.tail, maxTailBytes);
  }
  return selection;
}

/** The selection's part of every row, in order, until the index ends for now or nothing selected can follow. */
export function* parts({ index, logs }: OutputSource, selection: Selection): Generator<Part, void, void> {
  let position = selection.since;
  for (;;) {
    const rows = index.after(logs.run, position, rowsAtOnce);
    if (rows.length === 0) return;
    for (const row of rows) {
      position = row.seq;
      yield clip(row, selection, logs.dropped[row.stream]);
      if (row.stream === selection.stream && row.offset + row.length >= selection.end) return;
    }
  }
}

/** @param dropped bytes at the stream's beginning that are no more */
export function clip(row: ChunkRow, { since, stream, first, end }: Selection, dropped: number): Part {
  const rowEnd = row.offset + row.length;
  const from = Math.max(row.offset, rowEnd - (row.seq - since), first);
  const to = Math.min(rowEnd, end);
  if (from >= to || (stream !== undefined && stream !== row.stream)) return { ...row, length: 0, dropped: 0 };
  return withoutDropped({ ...row, seq: row.seq - (rowEnd - to), offset: from, length: to - from, dropped: 0 }, dropped);
}

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
