/**
 * `cli/entry` is the beginning of `bgjobs`. An agent waits for the first answer of `bgjobs mcp` at each of its starts, so
 * that is given before anything else is loaded.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { greet } from '../../agents/greeting/greeting.ts';
import type * as Mcp from '../../agents/mcp/main.ts';
import { mcpBundle, programBundle } from '../../bundles.ts';

type Options = Parameters<typeof Mcp.serveMcp>[0];

/** The options of a plain `bgjobs mcp`; undefined for all that the program has to judge or to help with. */
function plainMcp([verb, ...args]: readonly string[]): Options | undefined {
  if (verb !== 'mcp') return undefined;
  try {
    const { values } = parseArgs({ args, options: { session: { type: 'string' }, cwd: { type: 'string' } } });
    // The program says what is wrong with the folder.
    return statSync(resolve(values.cwd ?? '.')).isDirectory() ? values : undefined;
  } catch {
    return undefined;
  }
}

async function serve(options: Options): Promise<void> {
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })[Symbol.asyncIterator]();
  const { value: first, done } = await lines.next();
  if (done) return;
  const greeting = greet(first);
  if (greeting) await new Promise((resolve) => process.stdout.write(`${greeting.answer}\n`, resolve));
  process.stderr.on('error', leave);
  // It serves one agent and is idle nearly always: small is better than fast. Electron may not let flags change.
  if (process.versions['electron'] === undefined) {
    const { setFlagsFromString } = await import('node:v8');
    const flags = ['--optimize-for-size', '--semi-space-growth-factor=1', '--no-opt', '--expose-gc'];
    for (const flag of flags) setFlagsFromString(flag);
  }
  const { serveMcp } = (await import(mcpBundle)) as typeof Mcp;
  await serveMcp(options, { lines: all(first, lines), greeting });
}

async function* all(first: string, others: AsyncIterableIterator<string>): AsyncGenerator<string> {
  yield first;
  yield* others;
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
if (options) void serve(options);
else {
  process.stderr.on('error', leave);
  void import(programBundle);
}
