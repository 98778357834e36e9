import type { Stream } from '../../api/output.ts';
import { maxLineBytes } from './linePattern.ts';
import type { OutputSource } from './outputSource.ts';
import type { Piece } from './pieces.ts';
import type { Part } from './selection.ts';
import { cutBytes } from './utf8.ts';

/** A line of one stream, its newline included; of a line longer than {@link maxLineBytes} the first so many bytes. */
export interface Line extends Part {
  bytes: Buffer;
}

interface LineState {
  /** The unfinished line: its first `heldBytes` bytes. */
  held: Buffer;
  heldBytes: number;
  /** Where the last of them is. */
  end: Part;
  /** The line was longer and has been reported: its rest is passed over. */
  skipping: boolean;
}

const newline = 0x0a;

/**
 * Makes lines of pieces: a line belongs to its stream, and its place in the order is that of its end. So a line is
 * whole even when the other stream wrote in between or when the page before ended within it; and because a long line is
 * reported where it reaches the limit, looking that far back is enough to go on anywhere, with bounded memory.
 */
export class LineScanner {
  readonly #source: OutputSource;
  readonly #first: number;
  readonly #states = new Map<Stream, LineState>();

  /** @param first lines are not looked for before this offset: the first of a selected range */
  constructor(source: OutputSource, first: number) {
    this.#source = source;
    this.#first = first;
  }

  /**
   * The lines that end within this piece. Feed every piece of a selection, in order.
   * @param isLast nothing follows in this stream: the line that has no newline ends here
   */
  async feed(piece: Piece, isLast: boolean): Promise<Iterable<Line>> {
    if (piece.dropped > 0) this.#states.delete(piece.stream);
    if (piece.length === 0) return [];
    let state = this.#states.get(piece.stream);
    if (!state) this.#states.set(piece.stream, (state = await this.#begin(piece)));
    return scan(state, piece, isLast);
  }

  /** The lines that have no newline yet. */
  unfinished(): Line[] {
    return [...this.#states.values()].filter((state) => state.heldBytes > 0).map(unfinishedLine);
  }

  /** With the part of the line that lies before the piece. */
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

function* scan(state: LineState, piece: Piece, isLast: boolean): Generator<Line, void, void> {
  const { bytes } = piece;
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

/** The empty place behind the first `at` bytes of a piece. */
function place({ seq, time, stream, offset, length }: Piece, at: number): Part {
  return { seq: seq - (length - at), time, stream, offset: offset + at, length: 0, dropped: 0 };
}

/** As it is in the log. */
export function lineText({ bytes }: Line): string {
  return bytes.toString('utf8', 0, bytes.length - cutBytes(bytes));
}

/**
 * Colours and other control sequences (ECMA-48). No alternative can run past an escape character, so that a log full
 * of unfinished sequences costs no more than any other; the usual library backtracks over the rest of the line.
 */
const controlSequence = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-Z\\^-~])/g;

/** What a person sees of a line: no colours, no line end. */
export function plainLine({ bytes }: Line): string {
  const text = bytes.toString('utf8').replace(/\r?\n$/, '');
  return text.includes('\x1b') ? text.replace(controlSequence, '') : text;
}
