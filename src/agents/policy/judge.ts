/**
 * `agents/policy` decides which commands agents may start. `judge.ts` applies the patterns, `inspect.ts` finds the commands
 * in a line. The engine and the extension import it; it imports no other room, but the parser of bash.
 */

import { inspectCommand, inspectLine, inspectUnparsed, Inspection } from './inspect.ts';
import {
  allows,
  denies,
  deniesText,
  mayDeny,
  readPattern,
  type CommandPattern,
  type InvalidPattern,
} from './pattern.ts';
import { isPosixShell } from './programs.ts';
import { literalCommand } from './shellCommand.ts';

/** A command to judge: a shell line or an argument list, as in a start. */
export interface JudgedCommand {
  readonly command?: string | undefined;
  readonly argv?: readonly string[] | undefined;
  /** Path or name of the shell that will run the line. Null or absent: unknown, and then no line is allowed. */
  readonly shell?: string | null | undefined;
}

export interface CommandRules {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

export interface Verdict {
  /** `ask`: no pattern decides, so a person does. */
  readonly verdict: 'allow' | 'ask' | 'deny';
  /** The pattern that decided, if one did. */
  readonly pattern?: string;
  /** The part of the command that decided. */
  readonly part?: string;
  /** What is wrong with the pattern and how to fix it. An invalid deny pattern denies everything. */
  readonly problem?: string;
}

/**
 * Judges a command by its text alone before it runs: nothing is executed, looked up or expanded. The rules are in
 * docs/agent-policy.md. It does not see the rest of a start. A caller-chosen environment (PATH, LD_PRELOAD) or folder can
 * make the same words run another program, so callers must ask about these.
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
  if (argv) inspectCommand(found, literalCommand(argv));
  if (command === undefined) return found;
  const isPosix = typeof shell === 'string' && isPosixShell(shell);
  if (!isPosix) inspectUnparsed(found, command);
  // Most other shells have much in common with POSIX shells.
  inspectLine(found, command, shell ?? '');
  return found;
}

function deniedPart(pattern: CommandPattern, { suspects, unparsed }: Inspection): string | undefined {
  return (
    suspects.find((command) => denies(pattern, command))?.source ?? unparsed.find((text) => deniesText(pattern, text))
  );
}

/** The valid patterns, and the first that is not valid. */
function read(texts: readonly string[]): [CommandPattern[], InvalidPattern | undefined] {
  const patterns = texts.map(readPattern);
  return [patterns.filter((one) => one.problem === undefined), patterns.find((one) => one.problem !== undefined)];
}
