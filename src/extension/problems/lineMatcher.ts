import type { PatternConfig } from './matcherConfig.ts';

/** The groups that the lines of a problem have matched. */
export interface Found {
  file?: string;
  location?: string;
  line?: string;
  column?: string;
  endLine?: string;
  endColumn?: string;
  severity?: string;
  code?: string;
  message?: string;
}

interface Place {
  /** All from 1 on, as output says it. */
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export interface Problem {
  file: string;
  message: string;
  severity: string | undefined;
  code: string | undefined;
  place: Place;
}

const single = ['file', 'location', 'line', 'column', 'endLine', 'endColumn', 'severity', 'code'] as const;
/** The editor shows a whole line so. */
const lineEnd = 2 ** 31 - 1;

/** Finds problems that consecutive lines describe, one pattern to a line; the last may repeat. */
export class LineMatcher {
  readonly #patterns: { config: PatternConfig; regexp: RegExp }[];
  #lines: string[] = [];
  /** The groups of the lines before the repeated one, while it repeats. */
  #repeating: Found | null = null;

  /** @throws SyntaxError for an expression that is none */
  constructor(patterns: readonly PatternConfig[]) {
    this.#patterns = patterns.map((config) => ({ config, regexp: new RegExp(config.regexp) }));
  }

  push(line: string): Problem | null {
    if (this.#repeating) {
      const found = this.#read(line, this.#patterns.length - 1, this.#repeating);
      if (found) return this.#problem(found);
      this.#repeating = null;
    }
    this.#lines = [...this.#lines, line].slice(-this.#patterns.length);
    return this.#lines.length < this.#patterns.length ? null : this.#match();
  }

  #match(): Problem | null {
    let found: Found = {};
    let before = found;
    for (const [index, line] of this.#lines.entries()) {
      const next = this.#read(line, index, found);
      if (!next) return null;
      before = found;
      found = next;
    }
    const problem = this.#problem(found);
    if (!problem) return null;
    this.#lines = [];
    if (this.#patterns.at(-1)?.config.loop) this.#repeating = before;
    return problem;
  }

  /** @returns the groups including this line; null when it does not match */
  #read(line: string, index: number, before: Found): Found | null {
    const pattern = this.#patterns[index];
    const match = pattern?.regexp.exec(line);
    if (!pattern || !match) return null;
    const textOf = (group: number | undefined): string | undefined =>
      group === undefined ? undefined : match[group]?.trim();
    const found: Found = { ...before };
    for (const name of single) {
      const value = found[name] ?? textOf(pattern.config[name]);
      if (value !== undefined) found[name] = value;
    }
    const message = textOf(pattern.config.message);
    if (message !== undefined) found.message = [found.message, message].filter(Boolean).join('\n');
    return found;
  }

  #problem({ file, message, severity, code, ...where }: Found): Problem | null {
    const place = this.#patterns[0]?.config.kind === 'file' ? wholeFile : placeOf(where);
    return file && message && place ? { file, message, severity, code, place } : null;
  }
}

const wholeFile: Place = { line: 1, column: 1, endLine: 1, endColumn: 1 };

/** `location` is `line`, `line,column` or `line,column,endLine,endColumn`. */
function placeOf({ location, ...texts }: Found): Place | null {
  const [line, column, endLine, endColumn] =
    location === undefined
      ? [texts.line, texts.column, texts.endLine, texts.endColumn].map(numberOf)
      : location.split(/[,:]/).map(numberOf);
  if (line === undefined) return null;
  if (column === undefined) return { line, column: 1, endLine: line, endColumn: lineEnd };
  return { line, column, endLine: endLine ?? line, endColumn: endColumn ?? column };
}

function numberOf(text: string | undefined): number | undefined {
  const number = Number.parseInt(text ?? '', 10);
  return number > 0 ? number : undefined;
}
