import { shorten } from '../../text/grammar.ts';

/** The paragraphs of an answer; as a function, with output or a list that takes at most so much room. */
export type Says = string[] | ((room: number) => Promise<string[]>);

/** The most characters of an answer for which nothing is asked: no client cuts it (Cline shows 8000 with the wrapping). */
export const usualChars = 7500;
/** Characters of the first or the latest output. */
export const usualLook = 4000;
/** The state and what to do next always have a place. */
export const leastChars = 1000;
/** No output is read for less room. */
const leastRoom = 100;

/** What clients count: a line end, a quotation mark and a backslash are two characters each. */
export function size(text: string): number {
  return JSON.stringify(text).length;
}

/** The answer in at most so many characters: its output gives way first, then its longest paragraph. */
export async function bounded(says: Says, maxChars: number): Promise<string> {
  const isOpen = typeof says === 'function';
  let excess = 500;
  for (let room = maxChars; ;) {
    room = Math.max(leastRoom, room - Math.max(excess, leastRoom));
    const paragraphs = (isOpen ? await says(room) : says).filter((paragraph) => paragraph !== '');
    excess = size(paragraphs.join('\n')) - maxChars;
    if (excess <= 0) return paragraphs.join('\n');
    if (!isOpen || room === leastRoom) return cut(paragraphs, maxChars);
  }
}

function cut(paragraphs: readonly string[], maxChars: number): string {
  const excess = size(paragraphs.join('\n')) - maxChars;
  const longest = paragraphs.reduce((found, one) => (one.length > found.length ? one : found), '');
  if (excess <= 0 || longest.length < leastRoom) return paragraphs.join('\n');
  const shortened = shorten(longest, Math.max(leastRoom - 1, longest.length - excess));
  return cut(
    paragraphs.map((one) => (one === longest ? shortened : one)),
    maxChars,
  );
}

/** How many of these lines there is room for, at least one. */
export function fitting(lines: readonly string[], room: number): number {
  let used = 0;
  const first = lines.findIndex((line) => (used += size(line)) > room);
  return first < 0 ? lines.length : Math.max(1, first);
}
