import { quoteArgument } from '../../text/grammar.ts';

export interface MakeTarget {
  name: string;
  /** The text after `##` on its line, by which many makefiles document themselves; otherwise its prerequisites. */
  description: string;
  /** The line that runs it. */
  command: string;
}

/** Everything but `:` and `=` is let into names of targets; a rule has a colon that does not begin `:=`. */
const rule = /^([^\s:=#][^:=#]*?)\s*&?::?(?!:?:?=)(.*)$/;
/** `name = value`, `name ?= value`, `export name := value`, also after the colon of a rule. */
const assignment = /^\s*(?:(?:export|override|private|unexport)\s+)*[^\s:=#]+\s*(?:[:?+!]|:::?)?=/;
/** What has a colon in its words, and is no rule. */
const directive = /^(?:vpath|ifn?eq|ifn?def|else|[s-]?include|load)\s/;
const define = /^\s*(?:(?:export|override)\s+)*define\b/;

/**
 * The targets that a makefile names: no pattern rules, no special targets (`.PHONY`), and none whose name only make can
 * know (`$(OBJECTS)`). What it includes is not read.
 */
export function makeTargets(text: string): MakeTarget[] {
  const targets = new Map<string, string>();
  let inDefinition = false;
  for (const line of logicalLines(text)) {
    if (inDefinition) inDefinition = !/^\s*endef\b/.test(line);
    else if (define.test(line)) inDefinition = true;
    else if (!line.startsWith('\t')) for (const [name, words] of rulesOf(line)) add(targets, name, words);
  }
  return [...targets].map(([name, description]) => ({ name, description, command: `make ${quoteArgument(name)}` }));
}

function logicalLines(text: string): string[] {
  return text.replace(/\\\r?\n[ \t]*/g, ' ').split(/\r?\n/);
}

function rulesOf(line: string): [name: string, description: string][] {
  if (assignment.test(line) || directive.test(line)) return [];
  const [, names = '', rest = ''] = rule.exec(line) ?? [];
  if (assignment.test(rest)) return [];
  const [, comment] = /##\s*(.*)$/.exec(rest) ?? [];
  const prerequisites = rest.replace(/[;#].*$/, '').trim();
  const description = comment?.trim() ?? prerequisites;
  return names.includes('$')
    ? []
    : names
        .split(/\s+/)
        .filter(isTarget)
        .map((name) => [name, description]);
}

function isTarget(name: string): boolean {
  return name !== '' && !name.includes('%') && !/^\.[^/]*$/.test(name) && !name.startsWith('-');
}

/** A target may have several rules. */
function add(targets: Map<string, string>, name: string, description: string): void {
  targets.set(name, targets.get(name) || description);
}
