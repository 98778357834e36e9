/**
 * `cli/completion` tells a shell how a command line of `bgjobs` can go on. What there is comes from the definitions of the
 * verbs. It imports `cli/base` and `cli/options`, and `cli/app` imports it.
 */
import type { Argument, Command, Option } from 'commander';
import { offerOf } from '../options/offer.ts';

/** What the word at the cursor is. */
export type Place =
  /** A verb, or an option where none of the arguments has been given. */
  | { readonly is: 'verb'; readonly of: Command }
  | { readonly is: 'option'; readonly of: Command }
  /** @property before what stands before the value in the same word: `--name=` */
  | { readonly is: 'value'; readonly of: Argument | Option; readonly before: string }
  /** @property at the number of the word that is the program */
  | { readonly is: 'program'; readonly at: number }
  | { readonly is: 'unknown' };

/**
 * @param words those before the cursor, without the name of the program
 * @param current the word at the cursor, up to the cursor
 */
export function placeOf(root: Command, words: readonly string[], current: string): Place {
  let command = root;
  let given = 0;
  let areArguments = false;
  let open: Option | undefined;
  for (const [at, word] of words.entries()) {
    if (open && (open.required || !word.startsWith('-'))) {
      if (!open.variadic) open = undefined;
      continue;
    }
    open = undefined;
    if (!areArguments && word === '--') {
      areArguments = true;
    } else if (!areArguments && isOption(word)) {
      open = openedBy(command, word);
    } else {
      const verb =
        given === 0 ? command.commands.find((one) => [one.name(), ...one.aliases()].includes(word)) : undefined;
      if (verb) command = verb;
      else if (isProgram(argumentAt(command, given))) return { is: 'program', at };
      else given++;
    }
  }
  if (open && (open.required || !current.startsWith('-'))) return { is: 'value', of: open, before: '' };
  if (!areArguments && current.startsWith('-')) {
    const [name = ''] = current.split('=', 1);
    if (name === current) return { is: 'option', of: command };
    const of = optionOf(command, name);
    return of ? { is: 'value', of, before: `${name}=` } : { is: 'unknown' };
  }
  const argument = argumentAt(command, given);
  if (isProgram(argument)) return { is: 'program', at: words.length };
  if (argument) return { is: 'value', of: argument, before: '' };
  return given === 0 && command.commands.length > 0 ? { is: 'verb', of: command } : { is: 'unknown' };
}

function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-';
}

function isProgram(argument: Argument | undefined): boolean {
  return argument !== undefined && offerOf(argument) === 'program';
}

function argumentAt({ registeredArguments: all }: Command, index: number): Argument | undefined {
  const last = all.at(-1);
  return all[index] ?? (last?.variadic ? last : undefined);
}

function optionOf(command: Command, name: string): Option | undefined {
  return command.options.find((option) => option.short === name || option.long === name);
}

/** The option whose value is the next word. */
function openedBy(command: Command, word: string): Option | undefined {
  const option = optionOf(command, word);
  return option && (option.required || option.optional) ? option : undefined;
}
