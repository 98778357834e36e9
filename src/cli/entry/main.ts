/**
 * `cli/entry` is the beginning of `bgjobs`. An agent waits for the first answer of `bgjobs mcp` at each of its starts, so
 * that is given before anything else is loaded. Every other verb is of the program.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { McpOptions } from './firstAnswer.ts';

/** The options of a plain `bgjobs mcp`; undefined for all that the program has to judge or to help with. */
function plainMcp([verb, ...args]: readonly string[]): McpOptions | undefined {
  if (verb !== 'mcp') return undefined;
  try {
    const { values } = parseArgs({ args, options: { session: { type: 'string' }, cwd: { type: 'string' } } });
    // The program says what is wrong with the folder.
    return statSync(resolve(values.cwd ?? '.')).isDirectory() ? values : undefined;
  } catch {
    return undefined;
  }
}

/** The reader has closed the pipe (`| head`), or the output cannot be written. */
function leave(error: NodeJS.ErrnoException): void {
  // What a shell reports for a program ended by SIGPIPE.
  if (error.code === 'EPIPE') process.exit(141);
  process.stderr.write(`bgjobs: cannot write the output: ${error.message}\n`);
  process.exit(1);
}

process.stdout.on('error', leave);
const options = plainMcp(process.argv.slice(2));
if (options) {
  void import('./firstAnswer.ts').then(({ serveMcp }) => serveMcp(options, () => process.stderr.on('error', leave)));
} else {
  process.stderr.on('error', leave);
  void import('./compiledProgram.ts').then(({ runProgram }) => runProgram(process.argv[2] ?? ''));
}
