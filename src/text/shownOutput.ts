// What a terminal shows of a text, and of a job's output, read from the host.
import type { JobService } from '../api/endpoints.ts';
import type { Chunk, Output, OutputQuery, Stream } from '../api/output.ts';
import { LineRenderer } from './lineRenderer.ts';
import { GapFinder, gapLine, type Gap } from './outputText.ts';
import { shownRow, type Row } from './rows.ts';

/** A query for chunks with their text. */
export type ShownQuery = Omit<OutputQuery, 'limit' | 'format' | 'follow' | 'text' | 'range'>;

export interface Shown {
  /** Its `next` and `more` tell where the text ends. */
  output: Output;
  text: string;
}

/** The most that is read for the end of an output, and for a page of it (bytes). */
const mostForEnd = 1_048_576;
const mostForPage = 67_108_864;
const blockBytes = 262_144;
/** No character takes more bytes. */
const bytesPerChar = 4;

/**
 * The end of an output: its last lines as a terminal shows them, also when each of them was drawn over many times.
 * @param most how many lines, and how many characters are of use
 */
export async function shownEnd(
  service: JobService,
  jobId: string,
  query: ShownQuery,
  most: { lines: number; chars: number; colours?: boolean },
): Promise<Shown> {
  for (let limit = most.chars * bytesPerChar; ; limit = Math.min(8 * limit, mostForEnd)) {
    // No line is shorter than a byte.
    const selection = query.grep === undefined ? { ...query, tail: limit } : query;
    const output = await service.getOutput(jobId, { ...selection, limit });
    const text = render(output, selection, most.colours);
    const tail = lastLines(text, most.lines);
    const read = output.chunks.reduce((sum, { length }) => sum + length, 0);
    const isEnough = tail.length < text.length || tail.length >= most.chars;
    if (isEnough || read < limit - bytesPerChar || limit >= mostForEnd) return { output, text: tail };
  }
}

/** A line as a terminal shows it, with its newline if it has ended, and the stream that wrote it. */
type ShownLine = Pick<Chunk, 'stream' | 'text'>;

/** What a terminal shows of a whole text. */
export function shownText(text: string): string {
  if (!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(text)) return text;
  const renderer = new LineRenderer();
  renderer.push(text);
  return renderer.text();
}

/** All lines of these chunks as a terminal shows them. */
export function shownLines(chunks: readonly Chunk[], colours: boolean): ShownLine[] {
  const lines: ShownLine[] = [];
  const add = (row: Row, lineEnd: string): void => {
    lines.push({ stream: row.source as Stream, text: shownRow(row) + lineEnd });
  };
  const renderer = new LineRenderer({ colours, onLeave: add });
  for (const { text, stream } of chunks) renderer.push(text, 0, stream);
  for (const [row, lineEnd] of renderer.rows()) add(row, lineEnd);
  return lines.filter(({ text }) => text !== '');
}

interface Room {
  room: number;
  /** Of a text, to be compared with the room. */
  size: (text: string) => number;
}

/**
 * As much of an output as there is room for, in order, up to the end of a line, so that a reader who goes on with `next`
 * gets everything once. What counts is what is shown: any number of states of a line take the room of the last one.
 */
export async function shownPage(
  service: JobService,
  jobId: string,
  query: ShownQuery,
  { room, size }: Room,
): Promise<Shown> {
  const page = new Page({ room, size }, Number(query.since ?? 0));
  const gaps = gapsIn(query);
  const parts = new PartReader(query.grep !== undefined);
  for (let since = page.next; ;) {
    const output = await service.getOutput(jobId, { ...query, since, limit: blockBytes });
    for (const item of gaps.pass(output.chunks, output.droppedBytes)) {
      for (const part of 'text' in item ? parts.of(item) : [item]) {
        if (page.add(part)) continue;
        const end = page.end();
        if (!end) return longLine(service, jobId, query, { room, size });
        return { output: { ...output, next: end.next, more: true }, text: end.text };
      }
    }
    page.next = output.next;
    if (!output.more || output.next - since > mostForPage) return { output, text: page.text() };
    since = output.next;
  }
}

/** The beginning of a line that is longer than a page. */
async function longLine(service: JobService, jobId: string, query: ShownQuery, { room, size }: Room): Promise<Shown> {
  for (let limit = room; ;) {
    const output = await service.getOutput(jobId, { ...query, limit });
    const text = render(output, query);
    const used = size(text);
    if (used <= room || limit < bytesPerChar) return { output, text };
    limit = Math.floor((limit * room) / used);
  }
}

/** A part of a chunk, and the position behind it. */
interface Part extends Pick<Chunk, 'stream' | 'text'> {
  end: number;
}

/** What is shown of the parts that have been added, as long as there is room. */
class Page {
  /** The position behind the parts. */
  next: number;
  readonly #renderer = new LineRenderer();
  readonly #room: Room;
  /** Of the room, at least so much is left. */
  #left: number;
  /** Before the last part, and at the last end of a line, when there was little room left. */
  #before: Place | undefined;
  #lineEnd: Place | undefined;

  constructor(room: Room, next: number) {
    this.#room = room;
    this.#left = room.room;
    this.next = next;
  }

  text(): string {
    return this.#renderer.text();
  }

  /** @returns false when there was no room for it: then the page ends at {@link end} */
  add(part: Part | Gap): boolean {
    // In JSON, a character is one or two.
    const most = 'text' in part ? 2 * part.text.length : 200;
    const isScarce = (): boolean => most > this.#left;
    if (isScarce()) {
      this.#before = { text: this.text(), next: this.next };
      if (this.#before.text.endsWith('\n')) this.#lineEnd = this.#before;
      this.#measure(this.#before.text);
    }
    addTo(this.#renderer, part);
    if (isScarce()) this.#measure(this.text());
    else this.#left -= most;
    if (this.#left < 0) return false;
    if ('text' in part) this.next = part.end;
    return true;
  }

  end(): Place | undefined {
    return this.#lineEnd ?? (this.#before?.text ? this.#before : undefined);
  }

  #measure(text: string): void {
    this.#left = this.#room.room - this.#room.size(text);
  }
}

interface Place {
  text: string;
  next: number;
}

/** Cuts chunks at their newlines. */
class PartReader {
  readonly #isGrep: boolean;
  /** Bytes at the end of the last chunk of a stream which belong to a character that its next one holds. */
  readonly #cut = new Map<Stream, number>();

  constructor(isGrep: boolean) {
    this.#isGrep = isGrep;
  }

  *of({ stream, seq, length, text }: Chunk): Generator<Part, void, void> {
    const begun = this.#cut.get(stream) ?? 0;
    const cut = length + begun - Buffer.byteLength(text);
    // What a byte stands for that is not UTF-8 takes three.
    const isExact = !this.#isGrep && cut >= 0 && cut <= 3 && !text.includes('\ufffd');
    this.#cut.set(stream, isExact ? cut : 0);
    let end = seq - length - begun;
    for (let at = 0; isExact && at < text.length;) {
      const newline = text.indexOf('\n', at);
      if (newline < 0 || newline === text.length - 1) return yield { stream, text: text.slice(at), end: seq };
      const line = text.slice(at, newline + 1);
      end += Buffer.byteLength(line);
      yield { stream, text: line, end };
      at = newline + 1;
    }
    if (!isExact || text === '') yield { stream, text, end: seq };
  }
}

function render({ chunks, droppedBytes }: Output, query: ShownQuery, colours = false): string {
  const renderer = new LineRenderer({ colours });
  for (const item of gapsIn(query).pass(chunks, droppedBytes)) addTo(renderer, item);
  return renderer.text();
}

function gapsIn({ since, tail, grep }: ShownQuery): GapFinder {
  return new GapFinder({ since: Number(since ?? 0), tail: tail === undefined ? undefined : Number(tail), grep });
}

function addTo(renderer: LineRenderer, item: Pick<Chunk, 'stream' | 'text'> | Gap): void {
  if ('text' in item) renderer.push(item.text, 0, item.stream);
  else renderer.note(gapLine(item));
}

/** A newline at the very end closes the last line and begins none. */
function lastLines(text: string, lines: number): string {
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let left = lines; left > 0; left--) {
    if (at <= 0) return text;
    at = text.lastIndexOf('\n', at - 1);
    if (at < 0) return text;
  }
  return text.slice(at + 1);
}
