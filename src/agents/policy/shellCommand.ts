/** One word of a command. */
export interface CommandWord {
  /** As it was written. */
  readonly text: string;
  /** What the program gets; null when only the shell that runs it can know. */
  readonly value: string | null;
}

/** A program with its arguments. */
export interface SimpleCommand {
  readonly words: readonly CommandWord[];
  /** As it was written, redirections included. */
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

/** The program without its folder, and without what Windows lets one leave out. In lower case, as some file systems see it. */
export function programName(value: string): string {
  const name = value.slice(Math.max(value.lastIndexOf('/'), value.lastIndexOf('\\')) + 1).toLowerCase();
  // zsh: =name is the path of name.
  return name.replace(/^=/, '').replace(/\.(exe|cmd|bat|com)$/, '');
}
