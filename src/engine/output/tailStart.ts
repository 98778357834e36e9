import type { LogFiles } from './logFiles.ts';
import type { OutputSource } from './outputSource.ts';
import { clip, type Part, type Selection } from './selection.ts';

const blockBytes = 65_536;
const rowsAtOnce = 256;
const newline = 0x0a;

/** An answer holds no more chunks than this, however small they are. */
export const maxChunks = 16_384;

/**
 * The `seq` behind which the last `lines` lines of a selection begin, found by reading backwards. A newline at the very
 * end closes the last line and begins none.
 * @param maxBytes no more than this many bytes are behind the answer
 */
export async function tailStart(
  { index, logs, files }: OutputSource,
  selection: Selection,
  lines: number,
  maxBytes: number,
): Promise<number> {
  let before = (index.last(logs.run)?.seq ?? 0) + 1;
  if (lines === 0) return Math.max(selection.since, before - 1);
  const walk: Walk = { newlines: lines, bytes: maxBytes, atEnd: true };
  let chunks = 0;
  for (;;) {
    const rows = index.before(logs.run, before, rowsAtOnce);
    for (const row of rows) {
      before = row.seq;
      if (row.seq <= selection.since) return selection.since;
      const part = clip(row, selection, logs.dropped[row.stream]);
      if (part.length === 0) continue;
      if (++chunks > maxChunks) return row.seq;
      const offset = await walkBack(files, part, walk);
      if (offset !== undefined) return part.seq - (part.offset + part.length - offset);
    }
    if (rows.length < rowsAtOnce) return selection.since;
    await new Promise(setImmediate);
  }
}

interface Walk {
  /** Still to be found and still to be passed at most. */
  newlines: number;
  bytes: number;
  /** Nothing was looked at yet. */
  atEnd: boolean;
}

/** The offset at which the tail begins; undefined when it begins before this part. */
async function walkBack(files: LogFiles, part: Part, walk: Walk): Promise<number | undefined> {
  let end = part.offset + part.length;
  while (end > part.offset) {
    const from = Math.max(part.offset, end - Math.min(blockBytes, walk.bytes));
    const bytes = await files.read(part.stream, from, end, true);
    if (walk.atEnd && bytes.at(-1) === newline) walk.newlines++;
    walk.atEnd = false;
    // A negative start would count from the end.
    for (let at = bytes.length; at > 0;) {
      at = bytes.lastIndexOf(newline, at - 1);
      if (at < 0) break;
      if (--walk.newlines === 0) return from + at + 1;
    }
    walk.bytes -= end - from;
    if (walk.bytes === 0) return from;
    end = from;
  }
  return undefined;
}
