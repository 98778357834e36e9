import { BgJobsError } from '../../api/errors.ts';

/** A regular expression of a user, for single lines. */
export interface LinePattern {
  /** @param line without its newline and without terminal sequences: see `plainLine` */
  matches(line: string): boolean;
}

/**
 * RE2 syntax: time is linear in the length of the line, whatever the pattern. The library is loaded with the first pattern,
 * because its tables of characters take memory that a host without patterns need not spend.
 * @throws BgJobsError `invalid_request`, details `{pattern, position, part}`
 */
export async function compileLinePattern(pattern: string): Promise<LinePattern> {
  const { RE2JS, RE2JSException, RE2JSSyntaxException } = await import('re2js');
  try {
    const compiled = RE2JS.compile(pattern);
    return { matches: (line) => compiled.test(line) };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const part = error instanceof RE2JSSyntaxException ? error.getPattern() : null;
    const position = part ? Math.max(0, pattern.indexOf(part)) : 0;
    const what = error instanceof RE2JSSyntaxException ? error.getDescription() : error.message;
    throw new BgJobsError('invalid_request', `Invalid pattern: ${what} at position ${position}: ${part ?? pattern}`, {
      pattern,
      position,
      part,
    });
  }
}
