import { quoteArgument } from '../../text/quoting.ts';
import type { Script } from './scripts.ts';

/** `name = value`, `name ?= value`, `export name := value`, also after the colon of a rule. */
const assignment = /^\s*(?:(?:export|override|private|unexport)\s+)*([^\s:=#]+?)\s*([:?+!]|:::?)?=\s*(.*)$/;
/** What ends a rule, and may have a colon in its words. */
const directive = /^(?:vpath|[s-]?include|load|export|unexport|undefine)(?:\s|$)/;
const conditional = /^(?:ifn?eq|ifn?def|else|endif)(?=[\s(]|$)/;
const define = /^(?:(?:export|override)\s+)*define\b/;
/** Names of targets can have references to variables, with colons in them. A colon that begins `:=` is none of a rule. */
const rule =
  /^((?:\\.|\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\$\{[^{}]*\}|\$(?![({])|[^:=#\\$])+?)\s*&?::?(?!:?:?=)(.*)$/;
/** One with no other within it. */
const reference = /\$(?:\(([^()]*)\)|\{([^{}]*)\}|([^({]))/;
const mostReferences = 1000;
/** They stand for what only make can know, and for a dollar sign. */
const [unknown, dollar] = ['\0', '\x01'];

/**
 * The targets that a makefile names: no pattern rules, no special targets (`.PHONY`), and none whose name only make can
 * know. What it includes is not read. The description is the text after `##` on its line, by which many makefiles document
 * themselves; otherwise its prerequisites.
 */
export function makeTargets(text: string): Script[] {
  const targets = new Map<string, string>();
  const variables = new Map<string, string>();
  let prefix = '\t';
  let [inDefinition, inRule, conditions] = [false, false, 0];
  for (const whole of text.replace(/\\\r?\n[ \t]*/g, ' ').split(/\r?\n/)) {
    const line = whole.trim();
    if (inDefinition) {
      inDefinition = !/^endef\b/.test(line);
    } else if (whole.startsWith(prefix) && inRule) {
      continue;
    } else if (conditional.test(line)) {
      conditions += line.startsWith('endif') ? -1 : line.startsWith('if') ? 1 : 0;
    } else if (define.test(line)) {
      inDefinition = true;
    } else if (assignment.test(line)) {
      inRule = false;
      const [name, value] = assigned(line, variables);
      variables.set(name, conditions > 0 ? unknown : value);
      if (name === '.RECIPEPREFIX') prefix = value.charAt(0) || '\t';
    } else {
      const found = directive.test(line) || whole.startsWith(prefix) ? null : rule.exec(line);
      if (found || directive.test(line)) inRule = found !== null;
      const [, names = '', rest = ''] = found ?? [];
      // A target may have several rules.
      for (const name of assignment.test(rest) ? [] : targetsOf(resolved(names, variables)))
        targets.set(name, targets.get(name) || descriptionOf(rest));
    }
  }
  return [...targets].map(([name, description]) => ({ name, description, command: `make ${quoteArgument(name)}` }));
}

function assigned(line: string, variables: ReadonlyMap<string, string>): [name: string, value: string] {
  const [, name = '', operator = '', written = ''] = assignment.exec(line) ?? [];
  const value = written.replace(/\s*(?<!\\)#.*$/, '').replaceAll('$$', dollar);
  const before = variables.get(name);
  if (operator === '!') return [name, unknown];
  if (operator === '+') return [name, `${before ?? ''} ${value}`];
  if (operator === '?') return [name, before ?? value];
  return [name, operator === '' ? value : resolved(value, variables)];
}

/** With the values of variables. A rule is read with the values that stand above it. */
function resolved(text: string, variables: ReadonlyMap<string, string>): string {
  let result = text.replaceAll('$$', dollar);
  for (let count = 0; reference.test(result); count++) {
    // A variable that refers to itself is an error of the makefile.
    if (count === mostReferences) return unknown;
    result = result.replace(reference, (_, ...names: (string | undefined)[]) => {
      return variables.get(names.slice(0, 3).join('')) ?? unknown;
    });
  }
  return result;
}

function targetsOf(names: string): string[] {
  const words = names.match(/(?:\\.|[^\s\\])+/g) ?? [];
  const known = words.filter((word) => !/[%$\0]|^\.[^/]*$|^-/.test(word));
  return known.map((word) => word.replace(/\\([\s#:])/g, '$1').replaceAll(dollar, '$'));
}

function descriptionOf(rest: string): string {
  const [, comment] = /##\s*(.*)$/.exec(rest) ?? [];
  return (comment ?? rest.replace(/[;#].*$/, '')).trim();
}
