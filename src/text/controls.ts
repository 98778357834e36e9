// Control characters and sequences in text (ECMA-48 §5.4–5.6).
import type { Margins } from './rows.ts';

/** A sequence that has not ended after this many characters is treated as text. */
const longestSequence = 8192;

/** Of no effect on what is shown: there may be millions of NUL in a row. */
const ignored = /[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]+/y;
const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;

/** The index of the first control other than tab, newline and CR; the length of the text if there is none. */
export function nextControl(text: string, from: number): number {
  control.lastIndex = from;
  return control.test(text) ? control.lastIndex - 1 : text.length;
}

export interface Control {
  whole: string;
  /** Of its first character. */
  code: number;
  /** The final byte of a control sequence, such as `A` of `ESC [ 3 A`; of private ones only `h` and `l`, which set modes. */
  action: string | undefined;
  parameters: string;
}

/** @returns null for a sequence that the end of the text cuts */
export function readControl(text: string, at: number): Control | null {
  const code = text.charCodeAt(at);
  const plain = (length: number): Control => ({
    whole: text.slice(at, at + length),
    code,
    action: undefined,
    parameters: '',
  });
  if (code !== 0x1b && code < 0x80) {
    ignored.lastIndex = at;
    return plain(ignored.test(text) ? ignored.lastIndex - at : 1);
  }
  const isCsi = code === 0x9b || (code === 0x1b && text.charCodeAt(at + 1) === 0x5b);
  const sequence = isCsi ? controlSequence(text, at, code === 0x9b ? at + 1 : at + 2) : undefined;
  if (sequence) return sequence;
  for (const other of [controlString, escape, single]) {
    other.lastIndex = at;
    if (other.test(text)) return plain(other.lastIndex - at);
  }
  unfinished.lastIndex = at;
  return text.length - at <= longestSequence && unfinished.test(text) ? null : plain(1);
}

/** `0-?` are parameters, of which `<=>?` make the sequence private, then come ` -/`, and one of `@-~` is the end. */
function controlSequence(text: string, at: number, start: number): Control | undefined {
  let end = start;
  let isPrivate = false;
  let code = text.charCodeAt(end);
  for (; code >= 0x30 && code <= 0x3f; code = text.charCodeAt(++end)) isPrivate ||= code > 0x3b;
  const parameters = text.slice(start, end);
  while (code >= 0x20 && code <= 0x2f) code = text.charCodeAt(++end);
  if (!(code >= 0x40 && code <= 0x7e)) return undefined;
  const action = isPrivate && code !== 0x68 && code !== 0x6c ? undefined : text[end];
  return { whole: text.slice(at, end + 1), code: text.charCodeAt(at), action, parameters };
}

/** The first two of the parameters; 0 for one that is missing. */
export function numbersOf(parameters: string): [first: number, second: number] {
  const semicolon = parameters.indexOf(';');
  const number = (text: string): number => Math.min(Number.parseInt(text) || 0, 65_535);
  return [number(parameters), semicolon < 0 ? 0 : number(parameters.slice(semicolon + 1))];
}

/** Most of what a coloured bar writes. */
const colours = /\u001B\[[\d;:]*m/g;
/** An escape that does not begin a control sequence which is whole or cut by the end. */
const unusual = /\u001B(?!\[[0-?]*[ -/]*(?:[@-~]|$)|$)|[\u0080-\u009F]/;

/** Only where each sequence is what it seems; elsewhere {@link readControl} has to look at them in turn. */
export function withoutColours(text: string): string {
  return text.includes('\u001B[') && !unusual.test(text) ? text.replace(colours, '') : text;
}

/** The sequences in force after one that sets colours. */
export function coloursAfter(before: string, sequence: string, parameters: string): string {
  const resets = /^0*(;|$)/.test(parameters);
  const kept = resets || before.length > 200 ? '' : before;
  return resets && !parameters.includes(';') ? '' : kept + sequence;
}

export function coloured(text: string, colours: string): string {
  return colours === '' || text === '' ? text : `${colours}${text}\u001B[0m`;
}

type Place = readonly [y: number, x: number];

const up = (y: number, count: number, [top]: Margins): number => (y < top ? y - count : Math.max(top, y - count));
const down = (y: number, count: number, [, bottom]: Margins): number =>
  y < bottom ? Math.min(bottom - 1, y + count) : y + count;

/** Where the sequences that move the cursor bring it, by their final byte. */
export const cursorMoves: Record<string, (from: Place, margins: Margins, count: number, second: number) => Place> = {
  A: ([y, x], margins, count) => [up(y, count, margins), x],
  B: ([y, x], margins, count) => [down(y, count, margins), x],
  C: ([y, x], _, count) => [y, x + count],
  D: ([y, x], _, count) => [y, x - count],
  E: ([y], margins, count) => [down(y, count, margins), 0],
  F: ([y], margins, count) => [up(y, count, margins), 0],
  G: ([y], _, column) => [y, column - 1],
  H: (_from, _, row, column) => [row - 1, column - 1],
  f: (_from, _, row, column) => [row - 1, column - 1],
};

// A control string ends with BEL or ST, or where another sequence begins.
const controlString =
  /(?:\u001B[\]PX^_k]|[\u0090\u0098\u009D-\u009F])[^\u0007\u0018\u001A\u001B\u0080-\u009F]*(?:\u0007|\u009C|\u001B\\|(?=[\u0018\u001A\u0080-\u009F]|\u001B[^\\]))/y;
const escape = /\u001B(?:[ -/]+[0-~]|[0-OQ-WYZ\\`-jl-~])/y;
const single = /[\u0080-\u008F\u0091-\u0097\u0099\u009A\u009C]/y;
const unfinished =
  /(?:\u001B[ -/]*|(?:\u001B\[|\u009B)[0-?]*[ -/]*|(?:\u001B[\]PX^_k]|[\u0090\u0098\u009D-\u009F])[^\u0007\u0018\u001A\u001B\u0080-\u009F]*\u001B?)$/y;
