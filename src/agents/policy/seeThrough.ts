import { commandOfWords, literalWord, programName, type CommandWord, type SimpleCommand } from './shellCommand.ts';
import type { Inspection } from './lineInspection.ts';
import { isOtherShell, isPosixShell } from './shells.ts';
import { hasSubstitution, inspectLine } from './shellLine.ts';
import { inspectUnparsed } from './unparsed.ts';
import { changers, opaque, wrappers, type Wrapper } from './wrappers.ts';

/** So many arguments of a program that is not seen through are looked at, and so many words behind each. */
const maxArguments = 256;
const maxWords = 32;

/** Options of a shell that leave a line what it is. */
const harmlessShellOptions = /^-[ceux]+$/;

/** Takes a command apart: the program itself, and what it is told to run. */
export function inspectCommand(found: Inspection, command: SimpleCommand): void {
  found.suspects.push(command);
  const [program] = command.words;
  if (!program) return;
  if (!program.value) return found.doubt(command.source);
  const name = programName(program.value);
  const wrapper = wrappers.get(name);
  if (wrapper) return inspectWrapped(found, command, wrapper, name);
  if (name === 'eval') return inspectEval(found, command);
  if (isPosixShell(name)) return inspectShell(found, command);
  if (isOtherShell(name)) return inspectOtherShell(found, command);
  if (opaque.has(name)) return inspectOpaque(found, command);
  if (name === 'find') inspectFind(found, command);
  // They calculate, and whoever calculates expands: 'a[$(command)]'.
  if ((name === '[' || name === 'test') && hasSubstitution(command.source)) inspectUnparsed(found, command.source);
  if (changers.has(name) || (name === 'printf' && command.words[1]?.value?.startsWith('-') !== false)) {
    found.doubt(command.source);
  }
  found.required.push(command);
}

function inspectWrapped(found: Inspection, command: SimpleCommand, wrapper: Wrapper, name: string): void {
  const { words, source } = command;
  const start = commandStart(words, wrapper);
  if (start === null) return inspectOpaque(found, command);
  const changesEnvironment = wrapper.assigns && words.slice(1, start).some(({ value }) => value !== '--');
  // Only the plain name is the one that everybody knows.
  if (!wrapper.isHarmless || changesEnvironment || words[0]?.value !== name) found.doubt(source);
  const inner = words.slice(start);
  if (inner.length === 0) return void found.required.push(command);
  if (wrapper.appends) inner.push({ text: '...', value: null });
  found.nested(source, () => inspectCommand(found, commandOfWords(inner)));
}

/** @returns where the inner command begins; null when that cannot be told */
function commandStart(words: readonly CommandWord[], wrapper: Wrapper): number | null {
  let index = 1;
  for (; index < words.length; index++) {
    const word = words[index]?.value ?? null;
    if (word === null) return null;
    if (word === '-' && wrapper.assigns) continue;
    if (!word.startsWith('-') || word === '-') break;
    if (word === '--') {
      index++;
      break;
    }
    const taken = word.startsWith('--') ? longOption(word.slice(2), wrapper) : shortOptions(word.slice(1), wrapper);
    if (taken === null) return null;
    index += taken;
  }
  for (let count = 0; count < wrapper.operands; count++, index++) {
    if (words[index]?.value === null) return null;
  }
  while (wrapper.assigns && /^\w+=/.test(words[index]?.value ?? '')) index++;
  return Math.min(index, words.length);
}

/** @returns how many words behind it belong to it; null when it is not known */
function longOption(option: string, { long }: Wrapper): number | null {
  const [name = ''] = option.split('=', 1);
  if (option.includes('=')) return long.includes(name) || long.includes(`${name}=`) ? 0 : null;
  if (long.includes(name)) return 0;
  return long.includes(`${name}=`) ? 1 : null;
}

function shortOptions(letters: string, { flags, values }: Wrapper): number | null {
  for (const [index, letter] of [...letters].entries()) {
    if (values.includes(letter)) return index === letters.length - 1 ? 1 : 0;
    if (!flags.includes(letter)) return null;
  }
  return 0;
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
  // Without one it reads its commands from somewhere else.
  if (!operand) return found.doubt(source);
  if (!takesLine) return void found.required.push(command);
  const { value } = operand;
  if (value === null) return found.doubt(source);
  found.nested(source, () => inspectLine(found, value, words[0]?.value ?? ''));
}

function inspectEval(found: Inspection, { words, source }: SimpleCommand): void {
  found.doubt(source);
  const line = words.slice(1).map(({ text, value }) => value ?? text);
  found.nested(source, () => inspectLine(found, line.join(' ').replace(/^-- /, '')));
}

function inspectOtherShell(found: Inspection, { words, source }: SimpleCommand): void {
  found.doubt(source);
  const values = words.slice(1).map(({ text, value }) => value ?? text);
  const isOption = (value: string): boolean => /^[-/]/.test(value);
  const lines = [
    values.join(' '),
    values.slice(values.findLastIndex(isOption) + 1).join(' '),
    ...values.filter(hasSpace),
  ];
  found.nested(source, () => new Set(lines).forEach((line) => inspectUnparsed(found, line)));
}

/** Any of its arguments may begin a command, or be a line of commands: alone, behind an option's letter, behind "=". */
function inspectOpaque(found: Inspection, { words, source }: SimpleCommand): void {
  found.doubt(source);
  found.nested(source, () => {
    for (let index = 1; index < words.length && index <= maxArguments; index++) {
      found.suspects.push(commandOfWords(words.slice(index, index + maxWords)));
      const value = words[index]?.value ?? '';
      const behind = value.slice(value.indexOf('=') + 1);
      const lines = hasSpace(value) ? [value, behind, value.replace(/^-\w/, '')] : [behind];
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

export function inspectArguments(found: Inspection, argv: readonly string[]): void {
  inspectCommand(found, commandOfWords(argv.map(literalWord)));
}
