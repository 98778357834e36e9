import type { Command, Redirection, SyntaxNode, Word } from 'unbash';
import type { CommandWord } from './shellCommand.ts';

/** Whether text contains a substitution, even inside quotes. */
export function hasSubstitution(text: string): boolean {
  return /\$\(|`|\$\{[ |]/.test(text);
}

/** Another shell, or this one with other options, sees other commands in this part of a line. */
export function dependsOnShell(node: SyntaxNode, part: string, isBash: boolean): boolean {
  switch (node.type) {
    case 'AnsiCQuoted':
      // In dash it ends at the first quote, even after a backslash.
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
      // The old form of arithmetic in bash.
      return part.includes('$[');
    default:
      return false;
  }
}

/** What this part does cannot be known from the text, or it writes a file. */
export function cannotBeJudged(node: SyntaxNode): boolean {
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

/** The redirection reads a file, discards output or only connects descriptors. */
function isHarmless(node: Extract<Redirection, { type: 'Redirect' }>): boolean {
  if (node.descriptor?.type === 'FileDescriptorVariable') return false;
  const target = node.target && literal(node.target);
  if (target === undefined || target === null) return node.operator === '<' && node.target !== undefined;
  // bash opens network connections for these.
  if (/^\/dev\/(tcp|udp)\//.test(target)) return false;
  if (node.operator === '<' || target === '/dev/null') return true;
  return node.operator.endsWith('&') && /^(\d+-?|-)$/.test(target);
}

export function wordOf(word: Command['args'][number]): CommandWord {
  if (word.type === 'Word') return { text: word.text, value: literal(word) };
  const value = word.value.type === 'Word' && !word.index ? literal(word.value) : null;
  return { text: word.text, value: value === null ? null : `${word.name}${word.append ? '+=' : '='}${value}` };
}

/** The word with quotes removed, as the program gets it; null when it depends on an expansion. */
function literal({ value, parts = [] }: Word): string | null {
  const isLiteral = parts.every((part) => {
    if (part.type === 'DoubleQuoted' || part.type === 'LocaleString') {
      return part.parts.every(({ type }) => type === 'Literal');
    }
    return part.type === 'Literal' || part.type === 'SingleQuoted' || part.type === 'AnsiCQuoted';
  });
  return isLiteral ? value : null;
}

/** The word as it is when all its expansions are empty. */
export function withoutExpansions({ value, parts }: Word): string {
  if (!parts) return value;
  const texts = parts.flatMap((part) => ('parts' in part && part.parts ? part.parts : [part]));
  return texts.map((part) => ('value' in part ? part.value : '')).join('');
}
