import { parse } from 'node:path';

/** A word with the quoting that the task asks for: 1 escape, 2 strong, 3 weak (vscode.ShellQuoting). */
export type TaskArgument = string | { value: string; quoting: number };

/** What quotes in a shell (vscode.ShellQuotingOptions). */
export interface ShellQuotes {
  escape?: string | { escapeChar: string; charsToEscape: string };
  strong?: string;
  weak?: string;
}

const posix: ShellQuotes = { escape: { escapeChar: '\\', charsToEscape: ' "\'' }, strong: "'", weak: '"' };
const powershell: ShellQuotes = { escape: { escapeChar: '`', charsToEscape: ' "\'()' }, strong: "'", weak: '"' };
const quotesOf: Readonly<Record<string, ShellQuotes>> = {
  cmd: { strong: '"' },
  powershell,
  bash: posix,
  zsh: posix,
};

const [escape, strong, weak] = [1, 2, 3];

/**
 * The line of a shell task as the editor writes it: a plain word is quoted only if it has a blank outside of quotes, and
 * quotes within words are the shell's. A line without arguments is left as it is.
 * @param words the command and its arguments, with variables filled in
 * @param written the command before that: only what has been filled in can make it one word
 */
export function shellLine(
  words: readonly [TaskArgument, ...TaskArgument[]],
  written: TaskArgument,
  shell: string,
  platform: NodeJS.Platform,
  ownQuotes?: ShellQuotes,
): string {
  const name = parse(shell).name.toLowerCase();
  const quotes = ownQuotes ?? quotesOf[name] ?? (platform === 'win32' ? powershell : posix);
  const [command] = words;
  const isLine = words.length === 1 && typeof command === 'string' && typeof written === 'string';
  if (isLine && (command === written || needsQuotes(written, quotes))) return command;
  const isBroken = isOpen(words.filter((word) => typeof word === 'string').join(' '), quotes);
  const line = words.map((word, at) => quoted(word, quotes, isBroken && at > 0)).join(' ');
  const isQuoted = typeof command === 'string' ? needsQuotes(command, quotes) : command.quoting !== escape;
  // PowerShell takes a quoted word for a text, and not for a command.
  return platform === 'win32' && /^(powershell|pwsh)$/.test(name) && isQuoted ? `& ${line}` : line;
}

function needsQuotes(word: string, quotes: ShellQuotes): boolean {
  const [first = ''] = word;
  const isWrapped = word.length >= 2 && isQuote(first, quotes) && word.endsWith(first);
  return !isWrapped && scan(word, quotes, quotes.escape).hasBlank;
}

function isQuote(character: string, { strong, weak }: ShellQuotes): boolean {
  return character === strong || character === weak;
}

/** Whether a word has a blank outside of quotes, and whether the last of its quotes is never closed. */
function scan(word: string, quotes: ShellQuotes, escapeChar: unknown): { hasBlank: boolean; isOpen: boolean } {
  let [hasBlank, open]: [boolean, string | undefined] = [false, undefined];
  for (let at = 0; at < word.length; at++) {
    const character = word.charAt(at);
    if (open !== undefined) open = character === open ? undefined : open;
    else if (character === escapeChar) at++;
    else if (isQuote(character, quotes)) open = character;
    else if (character === ' ') hasBlank = true;
  }
  return { hasBlank, isOpen: open !== undefined };
}

function isOpen(text: string, quotes: ShellQuotes): boolean {
  return scan(text, quotes, typeof quotes.escape === 'object' ? quotes.escape.escapeChar : quotes.escape).isOpen;
}

/** @param isBroken whether the shell could not read the line. Unlike in the editor, a value such as "it's" is then quoted */
function quoted(word: TaskArgument, quotes: ShellQuotes, isBroken = false): string {
  if (typeof word === 'string') {
    const isQuoted = needsQuotes(word, quotes) || (isBroken && isOpen(word, quotes));
    return isQuoted ? quoted({ value: word, quoting: strong }, quotes) : word;
  }
  const { value, quoting } = word;
  if (quoting === strong && quotes.strong !== undefined) return wrapped(value, quotes.strong, quotes);
  if (quoting === weak && quotes.weak !== undefined) return `${quotes.weak}${value}${quotes.weak}`;
  if (quoting !== escape || quotes.escape === undefined) return value;
  const { escapeChar, charsToEscape } =
    typeof quotes.escape === 'string' ? { escapeChar: quotes.escape, charsToEscape: ' ' } : quotes.escape;
  return [...value]
    .map((character) => (charsToEscape.includes(character) ? escapeChar + character : character))
    .join('');
}

/** Unlike the editor, this keeps a single quote within single quotes: there the line would break. */
function wrapped(value: string, quote: string, quotes: ShellQuotes): string {
  const within = quotes === powershell ? "''" : "'\\''";
  return `${quote}${quote === "'" ? value.replaceAll("'", within) : value}${quote}`;
}
