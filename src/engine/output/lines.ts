import { BgJobsError } from '../../api/errors.ts';
import type { Stream } from '../../api/output.ts';
import { withoutSequences } from '../../text/terminalSequences.ts';
import { decode } from '../../text/utf8.ts';
import { nothing, type OutputSource, type Part, type Piece } from './pieces.ts';

/** Bytes of a line that are matched and shown. The rest, up to the newline, is skipped. */
const maxLineBytes = 65_536;

/** A line of one stream with its newline; of a longer line the first {@link maxLineBytes} bytes. */
export interface Line extends Part {
  bytes: Buffer;
}

interface LineState {
  /** The unfinished line: its first `heldBytes` bytes. */
  held: Buffer;
  heldBytes: number;
  /** Where they end. */
  end: Part;
  /** The line was longer and has been reported: its rest is skipped. */
  skipping: boolean;
}

const newline = 0x0a;

/**
 * Splits pieces into lines: a line belongs to its stream, and its place in the order is that of its end. So a line is
 * complete even when the other stream wrote in between or when the page before ended within it; and because a long line
 * is reported where it reaches the limit, reading that far back is enough to continue anywhere, in bounded memory.
 */
export class LineScanner {
  readonly #source: OutputSource;
  readonly #first: number;
  readonly #states = new Map<Stream, LineState>();

  /** @param first the first offset of the selected range: nothing before it belongs to a line */
  constructor(source: OutputSource, first: number) {
    this.#source = source;
    this.#first = first;
  }

  /** The lines that end within this piece. Feed every piece of a selection, in order. */
  async feed(piece: Piece): Promise<Iterable<Line>> {
    if (piece.dropped > 0) this.#states.delete(piece.stream);
    if (piece.length === 0) return [];
    let state = this.#states.get(piece.stream);
    if (!state) this.#states.set(piece.stream, (state = await this.#begin(piece)));
    return scan(state, piece);
  }

  /** The lines that have no newline yet. */
  unfinished(): Line[] {
    return [...this.#states.values()].filter((state) => state.heldBytes > 0).map(unfinishedLine);
  }

  /** With the part of the line that precedes the piece. */
  async #begin(piece: Piece): Promise<LineState> {
    const { logs, files } = this.#source;
    const floor = Math.max(this.#first, logs.dropped[piece.stream]);
    const from = Math.max(floor, piece.offset - maxLineBytes);
    const before = await files.read(piece.stream, Math.min(from, piece.offset), piece.offset);
    const begun = before.subarray(before.lastIndexOf(newline) + 1);
    const held = Buffer.allocUnsafeSlow(maxLineBytes);
    begun.copy(held);
    const skipping = begun.length === maxLineBytes;
    return { held, heldBytes: skipping ? 0 : begun.length, end: place(piece, 0), skipping };
  }
}

function* scan(state: LineState, piece: Piece): Generator<Line, void, void> {
  const { bytes, isLast } = piece;
  let at = 0;
  while (at < bytes.length) {
    const found = bytes.indexOf(newline, at);
    const lineEnd = found < 0 ? bytes.length : found + 1;
    if (!state.skipping) {
      const end = Math.min(lineEnd, at + maxLineBytes - state.heldBytes);
      const added = bytes.subarray(at, end);
      const length = state.heldBytes + added.length;
      state.skipping = length === maxLineBytes && bytes[end - 1] !== newline;
      if (state.skipping || (found >= 0 && end === lineEnd)) {
        const whole = state.heldBytes === 0 ? added : Buffer.concat([state.held.subarray(0, state.heldBytes), added]);
        const ending = place(piece, end);
        state.heldBytes = 0;
        yield { ...ending, offset: ending.offset - length, length, bytes: whole };
      } else {
        added.copy(state.held, state.heldBytes);
        state.heldBytes = length;
        state.end = place(piece, end);
      }
    }
    if (found >= 0) state.skipping = false;
    at = lineEnd;
  }
  if (isLast && state.heldBytes > 0) {
    yield unfinishedLine(state);
    state.heldBytes = 0;
  }
}

function unfinishedLine({ held, heldBytes, end }: LineState): Line {
  return { ...end, offset: end.offset - heldBytes, length: heldBytes, bytes: held.subarray(0, heldBytes) };
}

/** The empty part after the first `at` bytes of a piece. */
function place({ seq, time, stream, offset, length }: Piece, at: number): Part {
  return { seq: seq - (length - at), time, stream, offset: offset + at, length: 0, dropped: 0 };
}

/** As it is in the log. */
export function lineText({ bytes }: Line): string {
  return decode({ bytes, lead: nothing });
}

/** As a person sees it: without terminal sequences and line end. */
export function plainLine({ bytes }: Line): string {
  return withoutSequences(bytes.toString('utf8').replace(/\r?\n$/, ''));
}

/** A regular expression of a user, for single lines. */
export interface LinePattern {
  /** @param line without its newline and without terminal sequences: see `plainLine` */
  matches(line: string): boolean;
}

/**
 * RE2 syntax: time is linear in the length of the line, whatever the pattern. The library is loaded with the first pattern,
 * because its tables of characters take memory that a host without patterns need not spend.
 * @throws BgJobsError `invalid_request`, details `{pattern, position, part}`
 */
export async function compileLinePattern(pattern: string): Promise<LinePattern> {
  const { RE2JS, RE2JSException, RE2JSSyntaxException } = await import('re2js');
  try {
    const compiled = RE2JS.compile(pattern);
    return { matches: (line) => compiled.test(line) };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const part = error instanceof RE2JSSyntaxException ? error.getPattern() : null;
    const position = part ? Math.max(0, pattern.indexOf(part)) : 0;
    const what = error instanceof RE2JSSyntaxException ? error.getDescription() : error.message;
    throw new BgJobsError('invalid_request', `Invalid pattern: ${what} at position ${position}: ${part ?? pattern}`, {
      pattern,
      position,
      part,
    });
  }
}
