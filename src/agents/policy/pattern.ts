import { programName, textOf, type SimpleCommand } from './shellCommand.ts';

/** A pattern that can be tried on commands. */
export interface CommandPattern {
  readonly text: string;
  readonly kind: 'words' | 'regex';
  readonly words: readonly string[];
  readonly regex: RegExp | null;
}

export interface InvalidPattern {
  readonly text: string;
  readonly kind: 'invalid';
  /** What is wrong and what to do, in English. */
  readonly problem: string;
}

/** `/regex/flags`, or words that a command begins with. */
export function readPattern(text: string): CommandPattern | InvalidPattern {
  const invalid = (problem: string): InvalidPattern => ({ text, kind: 'invalid', problem });
  const [, source, flags] = /^\s*\/(.+)\/([dgimsuvy]*)\s*$/s.exec(text) ?? [];
  if (source !== undefined) {
    try {
      return { text, kind: 'regex', words: [], regex: new RegExp(source, flags) };
    } catch (error) {
      return invalid(`The pattern ${text} is not valid: ${(error as Error).message}. Correct it in the settings.`);
    }
  }
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return invalid('A pattern is empty. Remove it from the settings.');
  if (text.trim().startsWith('/') && /[\\^$*+?()[\]{}|]/.test(text)) {
    return invalid(`The pattern ${text} begins as a regular expression but does not end as one: write /regex/flags.`);
  }
  return { text, kind: 'words', words, regex: null };
}

/** The command is one that the user meant: word for word as written, and known to the last word that counts. */
export function allows(pattern: CommandPattern, { words }: SimpleCommand): boolean {
  if (pattern.regex) return tries(pattern.regex, textOf(words));
  return pattern.words.every((word, index) => words[index]?.value === word);
}

/** As `allows`, and also under any name and spelling of the program, with quotes removed, and on several lines. */
export function denies(pattern: CommandPattern, { words, source }: SimpleCommand): boolean {
  const values = words.map(({ text, value }) => value ?? text);
  const [program = '', ...rest] = values;
  if (pattern.regex) {
    const plain = [programName(program), ...rest].join(' ');
    return deniesText(pattern, source) || [values.join(' '), plain].some((text) => deniesText(pattern, text));
  }
  return pattern.words.every((word, index) => isWord(word, words[index]?.value, index));
}

/** It may be denied: words that only the shell will know stand where the pattern has words. */
export function mayDeny(pattern: CommandPattern, { words }: SimpleCommand): boolean {
  const unknown = words.findIndex(({ value }) => value === null);
  if (pattern.regex || unknown < 0 || unknown >= pattern.words.length) return false;
  return pattern.words.slice(0, unknown).every((word, index) => isWord(word, words[index]?.value, index));
}

/** For a regex alone. */
export function deniesText({ regex }: CommandPattern, text: string): boolean {
  return regex !== null && (tries(regex, text) || tries(regex, text.replace(/\s+/g, ' ')));
}

function isWord(word: string, value: string | null | undefined, index: number): boolean {
  if (value === null || value === undefined) return false;
  return value === word || (index === 0 && programName(value) === programName(word));
}

/** Whatever its flags: search begins at the beginning. */
function tries(regex: RegExp, text: string): boolean {
  return text.search(regex) >= 0;
}
