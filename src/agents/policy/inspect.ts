import { forEachChild, parse, type Command, type Pipeline, type Redirection, type SyntaxNode } from 'unbash';
import { commandStart, isBashLike, isPosixShell, programs, type Wrapper } from './programs.ts';
import { commandOfWords, literalCommand, programName, wordValues, type SimpleCommand } from './shellCommand.ts';
import { cannotBeJudged, dependsOnShell, hasSubstitution, withoutExpansions, wordOf } from './shellSyntax.ts';

/** Limits for commands within commands. Nobody goes beyond them with good intent; the rest is a doubt. */
const maxDepth = 16;
const maxNested = 1000;

/** The commands found in a line or an argument list. */
export class Inspection {
  /** Commands that must all be allowed. */
  readonly required: SimpleCommand[] = [];
  /** Commands of which none may be denied. */
  readonly suspects: SimpleCommand[] = [];
  /** Text that could not be parsed. */
  readonly unparsed: string[] = [];
  /** Parts that cannot be judged. */
  readonly doubts: string[] = [];
  #depth = 0;
  #nested = 0;

  /** Runs `work` on a part that is inside another. */
  nested(part: string, work: () => void): void {
    if (this.#depth >= maxDepth || this.#nested++ >= maxNested) {
      this.doubts.push(part);
      this.unparsed.push(part);
      return;
    }
    this.#depth++;
    work();
    this.#depth--;
  }
}

/**
 * Finds every simple command in a line of a POSIX shell.
 * @param shell path or name; by default a shell without any extension of POSIX
 */
export function inspectLine(found: Inspection, line: string, shell = 'sh'): void {
  const isBash = isBashLike(shell);
  // Where &> is not an operator, the command ends at the "&", and another may follow the redirection.
  if (!isBash && line.includes('&>')) {
    found.nested(line, () => inspectLine(found, line.replaceAll('&>', '& >'), shell));
  }
  try {
    visit(found, parse(line), line, isBash);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    inspectUnparsed(found, line);
  }
}

/** @param text the line, or the text inside backquotes, that the node is in */
function visit(found: Inspection, node: SyntaxNode, text: string, isBash: boolean): void {
  const part = text.slice(node.pos, node.end);
  const inner = node.type === 'Script' && node.source !== undefined ? node.source : text;
  if (node.type === 'Command') visitCommand(found, node, part);
  else if (node.type === 'Pipeline') visitPipeline(found, node, part);
  else if (node.type === 'Script' && node.errors && node.errors.length > 0) inspectUnparsed(found, inner);
  else if (dependsOnShell(node, part, isBash)) inspectUnparsed(found, text);
  else if (cannotBeJudged(node)) found.doubts.push(part);
  forEachChild(node, (child) => visit(found, child, inner, isBash));
}

function visitCommand(found: Inspection, node: Command, text: string): void {
  // A variable such as PATH, IFS or LD_PRELOAD may change what runs.
  if (node.prefix.some(({ type }) => type === 'Assignment')) found.doubts.push(text);
  const words = [...(node.name ? [node.name] : []), ...node.args].map(wordOf);
  inspectCommand(found, { words, source: text });
  if (words.some(({ value }) => value === null)) suspectRest(found, node, text);
  if (runsShell(node)) for (const redirection of node.redirects) visitInput(found, redirection, text);
}

/** The command as it is when its expansions are empty: r$@m, rm$(true). */
function suspectRest(found: Inspection, { name, args }: Command, text: string): void {
  const values = [name, ...args].flatMap((word) => (word?.type === 'Word' ? withoutExpansions(word) : []));
  const rest = new Inspection();
  const given = values.filter((value) => value !== '');
  inspectCommand(rest, literalCommand(given, text));
  found.suspects.push(...rest.suspects);
}

/** Lines that echo or printf pipe into a shell. */
function visitPipeline(found: Inspection, { commands }: Pipeline, text: string): void {
  const simple = commands.filter((command) => command.type === 'Command');
  if (!simple.some(runsShell)) return;
  for (const { name, args } of simple) {
    if (name?.value !== 'echo' && name?.value !== 'printf') continue;
    const line = args.map((word) => wordOf(word).value ?? word.text).join(' ');
    found.nested(text, () => inspectLine(found, line));
  }
}

function runsShell({ name, args }: Command): boolean {
  return [name, ...args].some((word) => word?.type === 'Word' && isPosixShell(word.value));
}

/** Lines that a shell reads from a here-document or here-string. */
function visitInput(found: Inspection, redirection: Redirection, text: string): void {
  const { type } = redirection;
  const input =
    type === 'HereDoc' ? redirection.body.text : type === 'HereString' ? redirection.target?.value : undefined;
  if (input !== undefined) found.nested(text, () => inspectLine(found, input));
}

/** Maximum number of arguments inspected for a program that is not unwrapped, and of words after each. */
const maxArguments = 256;
const maxWords = 32;

/** Options of a shell that do not change the meaning of a line. */
const harmlessShellOptions = /^-[ceux]+$/;

/** Inspects a program and the commands that its arguments make it run. */
export function inspectCommand(found: Inspection, command: SimpleCommand): void {
  found.suspects.push(command);
  const [program] = command.words;
  if (!program) return;
  if (!program.value) return void found.doubts.push(command.source);
  const name = programName(program.value);
  const wrapper = programs.wrappers.get(name);
  if (wrapper) return unwrap(found, command, wrapper, name);
  if (name === 'eval') return inspectEval(found, command);
  if (isPosixShell(name)) return inspectShell(found, command);
  if (programs.otherShells.has(name)) return inspectOtherShell(found, command);
  if (programs.opaque.has(name)) return inspectOpaque(found, command);
  if (name === 'find') inspectFind(found, command);
  // They evaluate arithmetic, which expands substitutions: 'a[$(command)]'.
  if ((name === '[' || name === 'test') && hasSubstitution(command.source)) inspectUnparsed(found, command.source);
  if (programs.changers.has(name) || (name === 'printf' && command.words[1]?.value?.startsWith('-') !== false)) {
    found.doubts.push(command.source);
  }
  found.required.push(command);
}

function unwrap(found: Inspection, command: SimpleCommand, wrapper: Wrapper, name: string): void {
  const { words, source } = command;
  const start = commandStart(words, wrapper);
  if (start === null) return inspectOpaque(found, command);
  const changesEnvironment = wrapper.assigns && words.slice(1, start).some(({ value }) => value !== '--');
  // A path may name another program than the well-known one.
  if (wrapper.isPrivileged || changesEnvironment || words[0]?.value !== name) found.doubts.push(source);
  const inner = words.slice(start);
  if (inner.length === 0) return void found.required.push(command);
  if (wrapper.appends) inner.push({ text: '...', value: null });
  found.nested(source, () => inspectCommand(found, commandOfWords(inner)));
}

function inspectShell(found: Inspection, command: SimpleCommand): void {
  const { words, source } = command;
  let index = 1;
  let takesLine = false;
  let isPlain = words[0]?.value === programName(words[0]?.value ?? '');
  for (; index < words.length; index++) {
    const word = words[index]?.value ?? null;
    if (word === null) return inspectOpaque(found, command);
    if (!/^[-+]./.test(word)) break;
    if (word === '--') {
      index++;
      break;
    }
    if (!harmlessShellOptions.test(word)) isPlain = false;
    if (!word.startsWith('--') && word.includes('c')) takesLine = true;
    if (/^([-+]\w*[oO]|--(rcfile|init-file))$/.test(word)) index++;
  }
  const operand = words[index];
  if (!isPlain) inspectOpaque(found, command);
  // Without an operand the shell reads its commands from elsewhere.
  if (!operand) return void found.doubts.push(source);
  if (!takesLine) return void found.required.push(command);
  const { value } = operand;
  if (value === null) return void found.doubts.push(source);
  found.nested(source, () => inspectLine(found, value, words[0]?.value ?? ''));
}

function inspectEval(found: Inspection, { words, source }: SimpleCommand): void {
  found.doubts.push(source);
  const line = wordValues(words.slice(1)).join(' ');
  found.nested(source, () => inspectLine(found, line.replace(/^-- /, '')));
}

function inspectOtherShell(found: Inspection, { words, source }: SimpleCommand): void {
  found.doubts.push(source);
  const values = wordValues(words.slice(1));
  const isOption = (value: string): boolean => /^[-/]/.test(value);
  const lines = [
    values.join(' '),
    values.slice(values.findLastIndex(isOption) + 1).join(' '),
    ...values.filter(hasSpace),
  ];
  found.nested(source, () => new Set(lines).forEach((line) => inspectUnparsed(found, line)));
}

/** Any argument may start a command or be a line of commands: as it is, after an option letter or after "=". */
function inspectOpaque(found: Inspection, { words, source }: SimpleCommand): void {
  found.doubts.push(source);
  found.nested(source, () => {
    for (let index = 1; index < words.length && index <= maxArguments; index++) {
      found.suspects.push(commandOfWords(words.slice(index, index + maxWords)));
      const value = words[index]?.value ?? '';
      const afterEquals = value.slice(value.indexOf('=') + 1);
      const lines = hasSpace(value) ? [value, afterEquals, value.replace(/^-\w/, '')] : [afterEquals];
      new Set(lines).forEach((line) => inspectLine(found, line));
    }
  });
}

function inspectFind(found: Inspection, { words, source }: SimpleCommand): void {
  for (const [index, { value }] of words.entries()) {
    if (!/^-(exec|ok)(dir)?$/.test(value ?? '')) continue;
    const rest = words.slice(index + 1);
    const end = rest.findIndex((word) => word.value === ';' || word.value === '+');
    const inner = (end < 0 ? rest : rest.slice(0, end)).map((word) =>
      word.value?.includes('{}') ? { ...word, value: null } : word,
    );
    found.nested(source, () => inspectCommand(found, commandOfWords(inner)));
  }
}

function hasSpace(text: string): boolean {
  return /\s/.test(text);
}

/** Words that may precede a command in one shell or another. */
const prefix =
  /^(if|then|elif|else|while|until|do|for|begin|and|or|not|time|call|start|switch|case|try|catch|finally|in|function|process|end|[!@&.{(]|\$?[\w:]+=.*)$/i;

/**
 * Inspects text of unknown grammar. It is never allowed, but searched for denied commands: split at everything that may
 * separate commands, with quotes and escapes of various shells removed or treated as separators.
 */
export function inspectUnparsed(found: Inspection, text: string): void {
  found.doubts.push(text);
  found.unparsed.push(text);
  const joined = text.replace(/\\\r?\n/g, '');
  const escapes = [/["'`^]/g, /["'`^\\]/g];
  const pieces = [
    ...escapes.flatMap((escape) => joined.replace(escape, '').split(/[;|&\n\r(){}]|\$\(/)),
    ...joined.split(/[;|&\n\r(){}"'`<>,=]|\$\(/),
  ];
  found.nested(text, () => {
    for (const piece of new Set(pieces)) {
      const words = piece.split(/\s+/).filter((word) => word !== '');
      while (words[0] !== undefined && prefix.test(words[0])) words.shift();
      if (words.length > 0) inspectCommand(found, literalCommand(words));
    }
  });
}
