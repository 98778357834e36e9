import type { Stream } from '../../api/output.ts';
import { LineRenderer } from '../../text/lineRenderer.ts';
import { shownRow } from '../../text/rows.ts';
import { decode } from '../../text/textStream.ts';
import type { OutputSource, Part, Piece } from './pieces.ts';

/** A regular expression of a user, for single lines. */
export interface LinePattern {
  /** @param line without its newline, as a terminal shows it */
  matches(line: string): boolean;
  /** Where the first match in a line begins; -1 if there is none. */
  position?(line: string): number;
}

/** A line, or the part of a long one about what matched. @param length the most characters */
export function excerpt(line: string, pattern: LinePattern, length: number): string {
  if (line.length <= length) return line;
  const position = Math.max(0, pattern.position?.(line) ?? 0);
  const start = Math.max(0, Math.min(position - Math.floor(length / 4), line.length - length));
  const end = start + length;
  return `${start > 0 ? '…' : ''}${line.slice(start > 0 ? start + 1 : 0, end < line.length ? end - 1 : end)}${end < line.length ? '…' : ''}`;
}

/** The most bytes of a line that are shown as they are in the log, and that are read again when a page begins within it. */
const maxLineBytes = 65_536;
const newline = 0x0a;
const nothing = Buffer.alloc(0);

/** A line of one stream, with its newline, of which a state matches. */
export interface Line extends Part {
  /** The last state that matches, as a terminal shows it. */
  match: string;
  /** As it is in the log; of a line that was drawn over, or that is very long, {@link match}. */
  text: string;
}

/** The unfinished line of a stream. */
interface LineState {
  renderer: LineRenderer;
  /** Its first bytes, and how many they are of how many. */
  held: Buffer;
  heldBytes: number;
  length: number;
  /** How many states there were, and the last one that matches. */
  states: number;
  match: string | undefined;
  end: Part;
}

/**
 * Splits pieces into lines and matches each state of them: a bar that is redrawn has one for each time. A line belongs to
 * its stream, and its place in the order is that of its end. So a line is complete even when the other stream wrote in
 * between or when the page before ended within it. Memory is bounded, however long a line is.
 */
export class LineScanner {
  readonly #source: OutputSource;
  readonly #first: number;
  readonly #pattern: LinePattern;
  readonly #states = new Map<Stream, LineState>();
  /** The first state that matched. */
  first: string | undefined;

  /** @param first the first offset of the selected range: nothing before it belongs to a line */
  constructor(source: OutputSource, first: number, pattern: LinePattern) {
    this.#source = source;
    this.#first = first;
    this.#pattern = pattern;
  }

  /** The lines that end within this piece and match. Feed every piece of a selection, in order. */
  async feed(piece: Piece): Promise<Iterable<Line>> {
    if (piece.dropped > 0) this.#states.delete(piece.stream);
    if (piece.length === 0) return [];
    let state = this.#states.get(piece.stream);
    if (!state) this.#states.set(piece.stream, (state = await this.#begin(piece)));
    return this.#scan(state, piece);
  }

  /** The state of a line without newline which matches, as far as it has come. */
  unfinished(): string | undefined {
    const states = [...this.#states.values()].map(({ renderer }) => renderer.state());
    return states.find((state) => state !== undefined && this.#pattern.matches(state));
  }

  /**
   * The lines that match so far, though they have no newline. None of them comes again by itself.
   * @param minBytes their least length
   */
  *rest(minBytes = 0): Generator<Line, void, void> {
    for (const state of this.#states.values()) if (state.length > minBytes) yield* this.#restOf(state);
  }

  /** Those that reading again, after this page, would not find: they began too long before. */
  tooLong(): Iterable<Line> {
    return this.rest(maxLineBytes);
  }

  /** With the part of the line that precedes the piece. */
  async #begin(piece: Piece): Promise<LineState> {
    const { logs, files } = this.#source;
    const floor = Math.max(this.#first, logs.dropped[piece.stream]);
    const from = Math.max(floor, piece.offset - maxLineBytes);
    const before = await files.read(piece.stream, Math.min(from, piece.offset), piece.offset);
    const begun = before.subarray(before.lastIndexOf(newline) + 1);
    const state: LineState = {
      renderer: new LineRenderer({ onState: (row) => this.#look(state, shownRow(row)), onLeave: () => undefined }),
      held: Buffer.allocUnsafeSlow(maxLineBytes),
      ...noLine,
      end: place(piece, 0),
    };
    add(state, begun, decode({ bytes: begun, lead: nothing }));
    return state;
  }

  *#restOf(state: LineState): Generator<Line, void, void> {
    const last = state.renderer.state();
    if (last !== undefined) this.#look(state, last);
    if (state.match !== undefined) yield lineOf(state, state.match, false);
    Object.assign(state, noLine);
  }

  #look(state: LineState, text: string): void {
    state.states++;
    if (!this.#pattern.matches(text)) return;
    state.match = text;
    this.first ??= text;
  }

  *#scan(state: LineState, piece: Piece): Generator<Line, void, void> {
    const { bytes, isLast } = piece;
    for (let at = 0; at < bytes.length;) {
      const found = bytes.indexOf(newline, at);
      const end = found < 0 ? bytes.length : found + 1;
      const part = bytes.subarray(at, end);
      const text = decode({ bytes: part, lead: at === 0 ? piece.lead : nothing }, isLast && end === bytes.length);
      add(state, part, text);
      state.end = place(piece, end);
      at = end;
      if (found < 0) break;
      if (state.states === 0) this.#look(state, '');
      if (state.match !== undefined) yield lineOf(state, state.match, true);
      Object.assign(state, noLine);
    }
    if (isLast && state.length > 0) yield* this.#restOf(state);
  }
}

const noLine = { heldBytes: 0, length: 0, states: 0, match: undefined };

function add(state: LineState, bytes: Buffer, text: string): void {
  state.heldBytes += bytes.copy(state.held, state.heldBytes);
  state.length += bytes.length;
  state.renderer.push(text);
}

function lineOf({ end, held, heldBytes, length, states }: LineState, match: string, isEnded: boolean): Line {
  const isAsWritten = states <= 1 && length === heldBytes;
  const text = isAsWritten
    ? decode({ bytes: held.subarray(0, heldBytes), lead: nothing })
    : `${match}${isEnded ? '\n' : ''}`;
  return { ...end, offset: end.offset - length, length, match, text };
}

/** The empty part after the first `at` bytes of a piece. */
function place({ seq, time, stream, offset, length }: Piece, at: number): Part {
  return { seq: seq - (length - at), time, stream, offset: offset + at, length: 0, dropped: 0 };
}
