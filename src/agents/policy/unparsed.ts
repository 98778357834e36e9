import { commandOfWords, literalWord } from './shellCommand.ts';
import type { Inspection } from './lineInspection.ts';
import { inspectCommand } from './seeThrough.ts';

/** Words of several shells that stand before a command. */
const before =
  /^(if|then|elif|else|while|until|do|for|begin|and|or|not|time|call|start|switch|case|try|catch|finally|in|function|process|end|[!@&.{(]|\$?[\w:]+=.*)$/i;

/**
 * Text of which nobody here knows the grammar: never to be allowed, but looked through for what is denied, in the pieces
 * between all that may separate commands, with quotes and the escapes of various shells taken away or taken for separators.
 */
export function inspectUnparsed(found: Inspection, text: string): void {
  found.doubt(text);
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
      while (words[0] !== undefined && before.test(words[0])) words.shift();
      if (words.length > 0) inspectCommand(found, commandOfWords(words.map(literalWord)));
    }
  });
}
