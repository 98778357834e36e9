// Columns that a text takes in a terminal.

/** Every character takes one column: Latin, arrows, boxes, blocks and Braille. */
const oneColumnEach = /^[\x20-\x7E\u00A0-\u00AC\u00AE-\u02FF\u2010-\u2027\u2190-\u2319\u2500-\u25FC\u2800-\u28FF]*$/;
const token = /\u001B\[[\d;:]*m|[^]/gu;
const noColumn = /[\p{Mn}\p{Me}\p{Cf}]/u;
const twoColumns =
  /\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]/u;

/** Columns of a character at a column. */
function widthAt(character: string, column: number): number {
  if (character === '\t') return 8 - (column % 8);
  if (character.length > 2 || noColumn.test(character)) return 0;
  return twoColumns.test(character) ? 2 : 1;
}

/** Columns that a text takes, which begins at the first one. */
export function widthOf(text: string): number {
  if (oneColumnEach.test(text)) return text.length;
  let width = 0;
  for (const [character] of text.matchAll(token)) width += widthAt(character, width);
  return width;
}

/** What is in these columns, with its colours. A character that is cut in half leaves spaces. */
export function columns(text: string, from: number, to: number): string {
  if (from >= to) return '';
  if (oneColumnEach.test(text)) return text.slice(from, to);
  let [part, colours, column] = ['', '', 0];
  for (const [character] of text.matchAll(token)) {
    const isColour = character.startsWith('\u001B');
    const next = isColour ? column : column + widthAt(character, column);
    if (column >= to && (isColour || next > column)) break;
    if (isColour) {
      colours = character === '\u001B[0m' ? '' : colours + character;
      if (part !== '') part += character;
      continue;
    }
    const [start, end] = [Math.max(column, from), Math.min(next, to)];
    if (part === '' && start < end) part = colours;
    if (column >= from && next <= to && (next > column || column > from)) part += character;
    else if (start < end) part += ' '.repeat(end - start);
    column = next;
  }
  return colours === '' ? part : `${part}\u001B[0m`;
}
