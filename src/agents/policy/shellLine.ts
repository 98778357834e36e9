import { forEachChild, parse, type Command, type Pipeline, type Redirection, type SyntaxNode, type Word } from 'unbash';
import { literalWord, type CommandWord } from './shellCommand.ts';
import { Inspection } from './lineInspection.ts';
import { inspectCommand } from './seeThrough.ts';
import { isBashLike, isPosixShell } from './shells.ts';
import { inspectUnparsed } from './unparsed.ts';

/** A line, or what stands in backquotes in it, for one shell. */
interface Text {
  readonly source: string;
  readonly isBash: boolean;
}

/**
 * Takes a line of a POSIX shell apart into every simple command in it, wherever it stands.
 * @param shell by path or name; where it is not known: one that has nothing but what POSIX says
 */
export function inspectLine(found: Inspection, line: string, shell = 'sh'): void {
  const isBash = isBashLike(shell);
  // Where it is no operator, the command ends at the "&", and another may stand behind the redirection.
  if (!isBash && line.includes('&>')) {
    found.nested(line, () => inspectLine(found, line.replaceAll('&>', '& >'), shell));
  }
  try {
    visit(found, parse(line), { source: line, isBash });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    inspectUnparsed(found, line);
  }
}

/** Whether text has a substitution in it, be it in quotes. */
export function hasSubstitution(text: string): boolean {
  return /\$\(|`|\$\{[ |]/.test(text);
}

function visit(found: Inspection, node: SyntaxNode, text: Text): void {
  const part = text.source.slice(node.pos, node.end);
  const inner = node.type === 'Script' && node.source !== undefined ? { ...text, source: node.source } : text;
  if (node.type === 'Command') visitCommand(found, node, part);
  else if (node.type === 'Pipeline') visitPipeline(found, node, part);
  else if (node.type === 'Script' && node.errors && node.errors.length > 0) inspectUnparsed(found, inner.source);
  else if (dependsOnShell(node, part, text.isBash)) inspectUnparsed(found, text.source);
  else if (cannotBeJudged(node)) found.doubt(part);
  forEachChild(node, (child) => visit(found, child, inner));
}

/** Another shell, or the same with other options, sees other commands here. */
function dependsOnShell(node: SyntaxNode, part: string, isBash: boolean): boolean {
  switch (node.type) {
    case 'AnsiCQuoted':
      // In dash it ends at the first quote, also behind a backslash.
      return part.includes("\\'");
    case 'HereDocDelimiter':
      return /[$`]/.test(part);
    case 'ExtendedGlob':
      return true;
    case 'TestCommand':
    case 'ArithmeticCommand':
      return !isBash || hasSubstitution(part);
    case 'Assignment':
      return !isBash && (node.index !== undefined || node.value.type === 'ArrayValue');
    case 'ArithmeticExpansion':
      return hasSubstitution(part.slice(2));
    case 'Word':
      // Arithmetic of old, in bash.
      return part.includes('$[');
    default:
      return false;
  }
}

function visitCommand(found: Inspection, node: Command, text: string): void {
  // It may change what runs: PATH, IFS, LD_PRELOAD and many others.
  if (node.prefix.some(({ type }) => type === 'Assignment')) found.doubt(text);
  const words = [...(node.name ? [node.name] : []), ...node.args].map(wordOf);
  inspectCommand(found, { words, source: text });
  if (words.some(({ value }) => value === null)) suspectRest(found, node, text);
  if (runsShell(node)) for (const redirection of node.redirects) visitInput(found, redirection, text);
}

/** What the command is when its expansions come to nothing: r$@m, rm$(true). */
function suspectRest(found: Inspection, { name, args }: Command, text: string): void {
  const values = [name, ...args].flatMap((word) => (word?.type === 'Word' ? literalRest(word) : []));
  const words = values.filter((value) => value !== '').map(literalWord);
  const rest = new Inspection();
  inspectCommand(rest, { words, source: text });
  found.suspects.push(...rest.suspects);
}

function literalRest({ value, parts }: Word): string {
  if (!parts) return value;
  const texts = parts.flatMap((part) => ('parts' in part && part.parts ? part.parts : [part]));
  return texts.map((part) => ('value' in part ? part.value : '')).join('');
}

/** What a shell is told by echo or printf through a pipe. */
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

/** What a shell reads from a text in the line itself. */
function visitInput(found: Inspection, redirection: Redirection, text: string): void {
  const { type } = redirection;
  const input =
    type === 'HereDoc' ? redirection.body.text : type === 'HereString' ? redirection.target?.value : undefined;
  if (input !== undefined) found.nested(text, () => inspectLine(found, input));
}

function cannotBeJudged(node: SyntaxNode): boolean {
  switch (node.type) {
    case 'Redirect':
      return !isHarmless(node);
    case 'AnsiCQuoted':
    case 'Slice':
    case 'Transform':
    case 'Unknown':
      return true;
    case 'ParameterExpansion':
      return node.index !== undefined;
    case 'CommandExpansion':
    case 'ProcessSubstitution':
    case 'ArithmeticCommandExpansion':
      return node.script === undefined;
    case 'ArithmeticExpansion':
    case 'ArithmeticCommand':
      return node.expression === undefined;
    case 'Default':
      return node.operator.endsWith('=');
    default:
      return false;
  }
}

/** Reads, goes nowhere, or only connects descriptors. */
function isHarmless(node: Extract<Redirection, { type: 'Redirect' }>): boolean {
  if (node.descriptor?.type === 'FileDescriptorVariable') return false;
  const target = node.target && literal(node.target);
  if (target === undefined || target === null) return node.operator === '<' && node.target !== undefined;
  // bash makes connections of these.
  if (/^\/dev\/(tcp|udp)\//.test(target)) return false;
  if (node.operator === '<' || target === '/dev/null') return true;
  return node.operator.endsWith('&') && /^(\d+-?|-)$/.test(target);
}

function wordOf(word: Command['args'][number]): CommandWord {
  if (word.type === 'Word') return { text: word.text, value: literal(word) };
  const value = word.value.type === 'Word' && !word.index ? literal(word.value) : null;
  return { text: word.text, value: value === null ? null : `${word.name}${word.append ? '+=' : '='}${value}` };
}

/** What the program gets, quotes removed; null when an expansion decides it. */
function literal({ value, parts = [] }: Word): string | null {
  const isLiteral = parts.every((part) => {
    if (part.type === 'DoubleQuoted' || part.type === 'LocaleString') {
      return part.parts.every(({ type }) => type === 'Literal');
    }
    return part.type === 'Literal' || part.type === 'SingleQuoted' || part.type === 'AnsiCQuoted';
  });
  return isLiteral ? value : null;
}
