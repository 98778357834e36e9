import { Inspection } from './lineInspection.ts';
import {
  allows,
  denies,
  deniesText,
  mayDeny,
  readPattern,
  type CommandPattern,
  type InvalidPattern,
} from './pattern.ts';
import { inspectArguments } from './seeThrough.ts';
import { inspectLine } from './shellLine.ts';
import { isPosixShell } from './shells.ts';
import { inspectUnparsed } from './unparsed.ts';

/** What somebody wants to run: a shell line or a list of arguments, as in a start. */
export interface JudgedCommand {
  readonly command?: string | undefined;
  readonly argv?: readonly string[] | undefined;
  /**
   * The shell that will run the line, by path or name: the caller resolves the user's default. Null or left out: not
   * known, and no line is allowed then.
   */
  readonly shell?: string | null | undefined;
}

export interface CommandRules {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

export interface Verdict {
  /** `ask`: neither; a person decides. */
  readonly verdict: 'allow' | 'ask' | 'deny';
  /** The pattern that decided, where one did. */
  readonly pattern?: string;
  /** The part of the command that decided. */
  readonly part?: string;
  /** What is wrong with the pattern and what to do. Where one is to deny, nothing runs until it is put right. */
  readonly problem?: string;
}

/**
 * Judges a command before it runs, by its text alone: nothing is executed, looked up or expanded. docs/agent-policy.md
 * has the rules. It does not know of the rest of a start: an environment (PATH, LD_PRELOAD) or a folder of the caller's
 * choice can make another program of the same words, so ask about those.
 */
export function judge(what: JudgedCommand, rules: CommandRules): Verdict {
  const found = inspect(what);
  const [deny, invalidDeny] = read(rules.deny);
  for (const pattern of deny) {
    const part = deniedPart(pattern, found);
    if (part !== undefined) return { verdict: 'deny', pattern: pattern.text, part };
  }
  if (invalidDeny) return { verdict: 'deny', pattern: invalidDeny.text, problem: invalidDeny.problem };
  const [doubt] = found.doubts;
  if (doubt !== undefined) return { verdict: 'ask', part: doubt };
  for (const pattern of deny) {
    const suspect = found.suspects.find((command) => mayDeny(pattern, command));
    if (suspect) return { verdict: 'ask', pattern: pattern.text, part: suspect.source };
  }
  return allowed(found, rules.allow);
}

function allowed({ required }: Inspection, patterns: readonly string[]): Verdict {
  const [allow, invalid] = read(patterns);
  if (invalid) return { verdict: 'ask', pattern: invalid.text, problem: invalid.problem };
  const by = required.map((command) => allow.find((pattern) => allows(pattern, command)));
  const refused = required[by.indexOf(undefined)];
  if (refused) return { verdict: 'ask', part: refused.source };
  const [pattern] = by;
  return pattern ? { verdict: 'allow', pattern: pattern.text } : { verdict: 'ask' };
}

function inspect({ command, argv, shell }: JudgedCommand): Inspection {
  const found = new Inspection();
  if (argv) inspectArguments(found, argv);
  if (command === undefined) return found;
  const isPosix = typeof shell === 'string' && isPosixShell(shell);
  if (!isPosix) inspectUnparsed(found, command);
  // Most of the others have much in common with it.
  inspectLine(found, command, shell ?? '');
  return found;
}

function deniedPart(pattern: CommandPattern, { suspects, unparsed }: Inspection): string | undefined {
  return (
    suspects.find((command) => denies(pattern, command))?.source ?? unparsed.find((text) => deniesText(pattern, text))
  );
}

function read(texts: readonly string[]): [CommandPattern[], InvalidPattern | undefined] {
  const valid: CommandPattern[] = [];
  let invalid: InvalidPattern | undefined;
  for (const text of texts) {
    const pattern = readPattern(text);
    if (pattern.kind === 'invalid') invalid ??= pattern;
    else valid.push(pattern);
  }
  return [valid, invalid];
}
