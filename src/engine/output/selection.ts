import { BgJobsError } from '../../api/errors.ts';
import type { OutputOptions, Stream } from '../../api/output.ts';
import type { ChunkRow } from '../../store/chunkIndex.ts';
import { withoutDropped, type OutputSource, type Part } from './pieces.ts';

/** Which bytes of a run are wanted. */
export interface Selection {
  /** Only those after this `seq`. */
  since: number;
  /** One stream; undefined: both. */
  stream: Stream | undefined;
  /** Offsets in the stream's log; `end` is not included. */
  first: number;
  end: number;
}

export const everything: Selection = { since: 0, stream: undefined, first: 0, end: Infinity };

/** An answer holds no more chunks than this, however small they are. */
export const maxChunks = 16_384;

const rowsAtOnce = 256;
const blockBytes = 65_536;
const newline = 0x0a;

/**
 * `tail` counts within what the other options select; `since` and `range` limit each other, so that a long range can
 * be read in pages.
 * @param maxTailBytes the most that a tail may have: its beginning is left out
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

/** The selected part of every row, in order, until the index ends for now or nothing selected can follow. */
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

function clip(row: ChunkRow, { since, stream, first, end }: Selection, dropped: number): Part {
  const rowEnd = row.offset + row.length;
  const from = Math.max(row.offset, rowEnd - (row.seq - since), first);
  const to = Math.min(rowEnd, end);
  if (from >= to || (stream !== undefined && stream !== row.stream)) return { ...row, length: 0, dropped: 0 };
  return withoutDropped({ ...row, seq: row.seq - (rowEnd - to), offset: from, length: to - from, dropped: 0 }, dropped);
}

/**
 * The `seq` after which the last `lines` lines of a selection begin, found by reading backwards. A newline at the very
 * end closes the last line and begins none.
 * @param maxBytes no more than this many bytes follow the answer
 */
async function tailStart(
  { index, logs, files }: OutputSource,
  selection: Selection,
  lines: number,
  maxBytes: number,
): Promise<number> {
  let before = (index.last(logs.run)?.seq ?? 0) + 1;
  if (lines === 0) return Math.max(selection.since, before - 1);
  const search = { newlines: lines, bytes: maxBytes, atEnd: true };
  let chunks = 0;
  for (;;) {
    const rows = index.before(logs.run, before, rowsAtOnce);
    for (const row of rows) {
      before = row.seq;
      if (row.seq <= selection.since) return selection.since;
      const part = clip(row, selection, logs.dropped[row.stream]);
      if (part.length === 0) continue;
      if (++chunks > maxChunks) return row.seq;
      const offset = await searchBack(files, part, search);
      if (offset !== undefined) return part.seq - (part.offset + part.length - offset);
    }
    if (rows.length < rowsAtOnce) return selection.since;
    await new Promise(setImmediate);
  }
}

interface TailSearch {
  /** Still to be found, and the most bytes still to be passed. */
  newlines: number;
  bytes: number;
  /** Nothing was read yet. */
  atEnd: boolean;
}

/** The offset at which the tail begins; undefined when it begins before this part. */
async function searchBack(files: OutputSource['files'], part: Part, search: TailSearch): Promise<number | undefined> {
  let end = part.offset + part.length;
  while (end > part.offset) {
    const from = Math.max(part.offset, end - Math.min(blockBytes, search.bytes));
    const bytes = await files.read(part.stream, from, end, true);
    if (search.atEnd && bytes.at(-1) === newline) search.newlines++;
    search.atEnd = false;
    // A negative start would count from the end.
    for (let at = bytes.length; at > 0;) {
      at = bytes.lastIndexOf(newline, at - 1);
      if (at < 0) break;
      if (--search.newlines === 0) return from + at + 1;
    }
    search.bytes -= end - from;
    if (search.bytes === 0) return from;
    end = from;
  }
  return undefined;
}
