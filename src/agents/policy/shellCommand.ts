/** One word of a command. */
export interface CommandWord {
  /** The word as written. */
  readonly text: string;
  /** The word as the program gets it; null when only the shell can know. */
  readonly value: string | null;
}

/** A program with its arguments. */
export interface SimpleCommand {
  readonly words: readonly CommandWord[];
  /** The command as written, redirections included. */
  readonly source: string;
}

export function literalWord(text: string): CommandWord {
  return { text, value: text };
}

export function commandOfWords(words: readonly CommandWord[]): SimpleCommand {
  return { words, source: textOf(words) };
}

export function textOf(words: readonly CommandWord[]): string {
  return words.map(({ text }) => text).join(' ');
}

/** The name of a program without its folder and Windows extension, in lower case as on case-insensitive file systems. */
export function programName(value: string): string {
  const name = value.slice(Math.max(value.lastIndexOf('/'), value.lastIndexOf('\\')) + 1).toLowerCase();
  // In zsh, =name is the path of name.
  return name.replace(/^=/, '').replace(/\.(exe|cmd|bat|com)$/, '');
}
