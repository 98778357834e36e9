import { visible } from '../../text/grammar.ts';

/** For messages: the editor makes links of `[text](target)` in them, commands among the targets. */
export function withoutLinks(text: string): string {
  return visible(text).replaceAll('](', ']\u200B(');
}

/** For lists to pick from: the editor draws icons for `$(name)`, which in a command line is something else. */
export function withoutIcons(text: string): string {
  return visible(text).replace(/\$\((?=[\w~-]+\))/g, '\\$(');
}

/** Markdown that shows the text as it stands, whatever is in it: no link, no picture, no formatting. */
export function codeBlock(text: string): string {
  const fence = fenceFor(text, 3);
  return `${fence}\n${visible(text)}\n${fence}`;
}

/** The same within a line. */
export function code(text: string): string {
  const fence = fenceFor(text, 1);
  return `${fence} ${visible(text.replace(/\s+/g, ' '))} ${fence}`;
}

function fenceFor(text: string, least: number): string {
  return '`'.repeat(Math.max(least, ...(text.match(/`+/g) ?? []).map((run) => run.length + 1)));
}

/**
 * The same without a block: long lines and long words wrap, at invisible characters that allow it (U+200B). The chat has
 * no `<wbr>`.
 */
export function codeLines(text: string): string {
  const pieces = (line: string): string[] => line.match(/(?:\s|\S{1,20}(?=\s|$))+|\S{20}/g) ?? [''];
  const lines = text.split(/\r?\n/).map((line) => pieces(line).map(code).join('\u200b'));
  return lines.join('\\\n');
}

/** Text outside code: a backslash before every character that could mean something; line ends become spaces. */
export function escapeMarkdown(text: string): string {
  return visible(text.replace(/[\r\n]+/g, ' ')).replace(/[\\`*_{}[\]()#+\-.!|<>~&$:@/]/g, (sign) =>
    /[:@/]/.test(sign) ? `&#${sign.charCodeAt(0)};` : `\\${sign}`,
  );
}
