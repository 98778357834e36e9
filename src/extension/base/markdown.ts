/** Text that is shown as it stands, whatever is in it: no link, no picture, no formatting. */
export function codeBlock(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}\n${text}\n${fence}`;
}

/** The same without a block: long lines and long words wrap. */
export function codeLines(text: string): string {
  return text.split(/\r?\n/).map(wrapping).join('\\\n');
}

/** Allows a line to be broken where it stands, and is not seen: U+200B. The chat has no `<wbr>`. */
const mayBreak = '\u200b';

/** Whole words, and long ones in pieces. */
function wrapping(line: string): string {
  const pieces = line.match(/(?:\s|\S{1,20}(?=\s|$))+|\S{20}/g) ?? [''];
  return pieces.map(code).join(mayBreak);
}

/** The same within a line. */
export function code(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  return `${fence} ${text.replace(/\s+/g, ' ')} ${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** Text outside code: a backslash before every character that could mean something; line ends become spaces. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_{}[\]()#+\-.!|<>~&$:@/]/g, (sign) =>
      /[:@/]/.test(sign) ? `&#${sign.charCodeAt(0)};` : `\\${sign}`,
    );
}
