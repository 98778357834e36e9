import { BgJobsError } from '../../api/errors.ts';
import type { Chunk, OutputOptions, Stream } from '../../api/output.ts';
import type { LogFiles } from '../../logs/logReader.ts';
import type { ChunkIndex, ChunkRow } from '../../store/chunkIndex.ts';
import type { RunLogs } from '../../store/runTable.ts';
import { longestLead, type ByteSlice } from '../../text/textStream.ts';

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

const nothing = Buffer.alloc(0);

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
function withoutDropped(part: Part, dropped: number): Part {
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
  if (options.tail !== undefined) selection.since = await tailStart(source, selection, options.tail, maxTailBytes);
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
  // What is still to be found, and to be passed at most; whether nothing was read yet.
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

/** The offset at which the tail begins; undefined when it begins before this part. Updates `search`. */
async function searchBack(
  files: OutputSource['files'],
  part: Part,
  search: { newlines: number; bytes: number; atEnd: boolean },
): Promise<number | undefined> {
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
