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

/** A program and arguments that no shell changes. */
export function literalCommand(argv: readonly string[], source?: string): SimpleCommand {
  const words = argv.map((text) => ({ text, value: text }));
  return { words, source: source ?? textOf(words) };
}

export function commandOfWords(words: readonly CommandWord[]): SimpleCommand {
  return { words, source: textOf(words) };
}

export function textOf(words: readonly CommandWord[]): string {
  return words.map(({ text }) => text).join(' ');
}

/** The words as the program gets them; as written where only the shell can know. */
export function wordValues(words: readonly CommandWord[]): string[] {
  return words.map(({ text, value }) => value ?? text);
}

/** The name of a program without its folder and Windows extension, in lower case as on case-insensitive file systems. */
export function programName(value: string): string {
  const name = value.slice(Math.max(value.lastIndexOf('/'), value.lastIndexOf('\\')) + 1).toLowerCase();
  // In zsh, =name is the path of name.
  return name.replace(/^=/, '').replace(/\.(exe|cmd|bat|com)$/, '');
}
