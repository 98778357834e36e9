import { severityOf, type Group, type Matcher, type Pattern, type Severity } from './matcherConfig.ts';

export interface Problem {
  /** As the output names it. */
  file: string;
  message: string;
  severity: Severity;
  code: string | undefined;
  source: string | undefined;
  range: Range;
}

/** All from 1 on; the end is the place after the last character. */
type Range = Record<'startLine' | 'startColumn' | 'endLine' | 'endColumn', number>;

/** The groups that the lines of a problem have matched. */
type Found = Partial<Record<Group, string>>;

/** The editor shows a whole line so. */
const lineEnd = 2 ** 31 - 1;

/** Finds the problems that consecutive lines describe. A line belongs to one problem at most. */
export class ProblemFinder {
  /** The longest first: of two matchers that fit, the one with more lines wins, then the one that is listed first. */
  readonly #matchers: readonly LineMatcher[];
  readonly #longest: number;
  #lines: string[] = [];
  /** Its last pattern repeats. */
  #repeating: LineMatcher | undefined;

  constructor(matchers: readonly Matcher[]) {
    const usable = matchers.filter(({ patterns }) => patterns.length > 0);
    this.#matchers = usable.map((matcher) => new LineMatcher(matcher)).sort((a, b) => b.length - a.length);
    this.#longest = this.#matchers[0]?.length ?? 1;
  }

  /**
   * The problem of which this line is the last one.
   * @param isDrawnOver it is not between the lines before and after it, unless it has a problem
   */
  find(line: string, isDrawnOver = false): { problem: Problem; matcher: Matcher } | undefined {
    const further = this.#repeating?.next(line);
    if (this.#repeating && further) return { problem: further, matcher: this.#repeating.matcher };
    const lines = [...this.#lines, line].slice(-this.#longest);
    for (const one of this.#matchers) {
      const problem = one.length <= lines.length && one.match(lines.slice(-one.length));
      if (!problem) continue;
      this.#lines = [];
      this.#repeating = one.repeats ? one : undefined;
      return { problem, matcher: one.matcher };
    }
    if (isDrawnOver) return undefined;
    this.#lines = lines;
    this.#repeating = undefined;
    return undefined;
  }
}

class LineMatcher {
  readonly matcher: Matcher;
  readonly length: number;
  readonly repeats: boolean;
  /** The groups of the lines before the one that repeats. */
  #before: Found = {};

  constructor(matcher: Matcher) {
    this.matcher = matcher;
    this.length = matcher.patterns.length;
    this.repeats = matcher.patterns.at(-1)?.loop ?? false;
  }

  /** @param lines one for each pattern */
  match(lines: readonly string[]): Problem | undefined {
    let before: Found = {};
    let found: Found = {};
    for (const [index, pattern] of this.matcher.patterns.entries()) {
      const next = withGroups(found, pattern, lines[index] ?? '');
      if (!next) return undefined;
      [before, found] = [found, next];
    }
    this.#before = before;
    return this.#problem(found);
  }

  next(line: string): Problem | undefined {
    const pattern = this.matcher.patterns.at(-1);
    const found = pattern && withGroups(this.#before, pattern, line);
    return found && this.#problem(found);
  }

  #problem(found: Found): Problem | undefined {
    const { file, message, code } = found;
    const { source, severity, patterns } = this.matcher;
    const range = rangeOf(found, patterns);
    if (!file || !message || !range) return undefined;
    return { file, message, severity: severityIn(found.severity) ?? severity, code, source, range };
  }
}

/** @returns undefined when the line does not match */
function withGroups(before: Found, pattern: Pattern, line: string): Found | undefined {
  const match = pattern.regexp.exec(line);
  if (!match) return undefined;
  const found: Found = { ...before };
  for (const [group, number] of Object.entries(pattern.groups) as [Group, number][]) {
    const text = match[number]?.trim();
    if (text === undefined) continue;
    if (group === 'message') found.message = before.message === undefined ? text : `${before.message}\n${text}`;
    else found[group] ??= text;
  }
  return found;
}

/** As programs write it; anything else says nothing. */
function severityIn(text = ''): Severity | undefined {
  if (text === 'E') return 'error';
  if (text === 'W') return 'warning';
  return text === 'I' || /^(hint|note)$/i.test(text) ? 'information' : severityOf(text);
}

function rangeOf(found: Found, patterns: readonly Pattern[]): Range | undefined {
  const { location, line, column, endLine, endColumn } = found;
  if (patterns[0]?.isOfFile) return range(0, 0);
  if (location) {
    // Of three numbers the editor takes two.
    const numbers = location.split(',').map(numberIn);
    const [startLine = NaN, startColumn, ...end] = numbers;
    return /\d/.test(location) ? range(startLine, startColumn, ...(numbers.length > 3 ? end : [])) : undefined;
  }
  if (line) return range(numberIn(line) ?? NaN, numberIn(column), numberIn(endLine), numberIn(endColumn));
  // A problem of one line is one of the whole file when its place is missing.
  return patterns.length === 1 ? range(0, 0) : undefined;
}

/** @returns NaN for a text that is no number */
function numberIn(text: string | undefined): number | undefined {
  return text ? Number.parseInt(text, 10) : undefined;
}

/** The range that the editor makes of these numbers, of which 0 and NaN count as missing. */
function range(line: number, column?: number, endLine?: number, endColumn?: number): Range {
  const startLine = line > 0 ? line : 1;
  if (column === undefined) return { startLine, startColumn: 1, endLine: startLine, endColumn: lineEnd };
  const startColumn = column > 0 ? column : 1;
  if (endColumn === undefined) return { startLine, startColumn, endLine: startLine, endColumn: startColumn };
  const last = (endLine ?? 0) >= startLine ? (endLine ?? startLine) : startLine;
  return { startLine, startColumn, endLine: last, endColumn: endColumn > 0 ? endColumn : startColumn };
}
