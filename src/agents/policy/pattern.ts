import { programName, textOf, wordValues, type SimpleCommand } from './shellCommand.ts';

/** A valid pattern: a regular expression, or the first words of a command. */
export interface CommandPattern {
  readonly text: string;
  readonly words: readonly string[];
  readonly regex?: RegExp;
  readonly problem?: undefined;
}

export interface InvalidPattern {
  readonly text: string;
  /** What is wrong with it and how to fix it, in English. */
  readonly problem: string;
}

/** `/regex/flags`, or the first words of a command. */
export function readPattern(text: string): CommandPattern | InvalidPattern {
  const invalid = (problem: string): InvalidPattern => ({ text, problem });
  const [, source, flags] = /^\s*\/(.+)\/([dgimsuvy]*)\s*$/s.exec(text) ?? [];
  if (source !== undefined) {
    try {
      return { text, words: [], regex: new RegExp(source, flags) };
    } catch (error) {
      return invalid(`The pattern ${text} is invalid: ${(error as Error).message}. Correct it in the settings.`);
    }
  }
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return invalid('A pattern is empty. Remove it from the settings.');
  if (text.trim().startsWith('/') && /[\\^$*+?()[\]{}|]/.test(text)) {
    return invalid(`The pattern ${text} starts like a regular expression but does not end like one. Use /regex/flags.`);
  }
  return { text, words };
}

/** Whether the command starts with exactly the words of the pattern; none of these words may be unknown. */
export function allows(pattern: CommandPattern, { words }: SimpleCommand): boolean {
  if (pattern.regex) return tries(pattern.regex, textOf(words));
  return pattern.words.every((word, index) => words[index]?.value === word);
}

/** Like `allows`, but also for another path or spelling of the program, without quotes, and across lines. */
export function denies(pattern: CommandPattern, { words, source }: SimpleCommand): boolean {
  const values = wordValues(words);
  const [program = '', ...rest] = values;
  if (pattern.regex) {
    const plain = [programName(program), ...rest].join(' ');
    return deniesText(pattern, source) || [values.join(' '), plain].some((text) => deniesText(pattern, text));
  }
  return pattern.words.every((word, index) => isWord(word, words[index]?.value, index));
}

/** Whether the pattern could match if words that only the shell knows had the right value. */
export function mayDeny(pattern: CommandPattern, { words }: SimpleCommand): boolean {
  const unknown = words.findIndex(({ value }) => value === null);
  if (pattern.regex || unknown < 0 || unknown >= pattern.words.length) return false;
  return pattern.words.slice(0, unknown).every((word, index) => isWord(word, words[index]?.value, index));
}

/** Applies to regex patterns only. */
export function deniesText({ regex }: CommandPattern, text: string): boolean {
  return regex !== undefined && (tries(regex, text) || tries(regex, text.replace(/\s+/g, ' ')));
}

function isWord(word: string, value: string | null | undefined, index: number): boolean {
  if (value === null || value === undefined) return false;
  return value === word || (index === 0 && programName(value) === programName(word));
}

/** Searches from the start, whatever the flags. */
function tries(regex: RegExp, text: string): boolean {
  return text.search(regex) >= 0;
}

/**
 * The patterns of a setting, whatever its value is. An entry that is not a string becomes an invalid pattern, so that it
 * is reported like one and not ignored.
 */
export function patternList(value: unknown): string[] {
  const entries: unknown[] = Array.isArray(value) ? value : [value];
  return entries.map((entry) => (typeof entry === 'string' ? entry : `/(${JSON.stringify(entry)}`));
}
