import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { StartRequest } from '../../api/options.ts';
import { definedOnly, usageError, type Context } from '../base/context.ts';
import { offering } from './offer.ts';
import { parseCount } from './parse.ts';

/** One command for many tasks. */
export interface ArrayOptions {
  array?: string;
  each?: string;
  null?: true;
  maxRunning?: number;
  stdin?: string;
}

export function addArrayOptions(verb: Command): void {
  verb
    .optionsGroup('Arrays: {} in the command is the number or item of the task, {#} its number:')
    .option('--array <numbers>', 'run a task for each number: 1-1000, 1-1000:2, 1,3,5-9; at most 8 at a time: 1-1000%8')
    .addOption(offering('files', '--each <file>', 'run a task for each line of a file; - is the standard input'))
    .option('-0, --null', 'the items of --each end with NUL instead of a newline')
    .option('--max-running <n>', 'run at most n tasks of the array at a time', parseCount);
}

/** @throws BgJobsError `invalid_request` for options that contradict each other, or a file that cannot be read */
export async function arrayRequest(context: Context, options: ArrayOptions): Promise<Pick<StartRequest, 'array'>> {
  const { array: tasks, each, maxRunning, stdin } = options;
  if (tasks !== undefined && each !== undefined) throw usageError('--array cannot be used with --each');
  if (options.null && each === undefined) throw usageError('--null requires --each');
  if (tasks === undefined && each === undefined) {
    if (maxRunning !== undefined) throw usageError('--max-running requires --array or --each');
    return {};
  }
  if (each === '-' && stdin === 'pipe') throw usageError('--each - cannot be used with --stdin pipe');
  const items = each === undefined ? undefined : splitItems(await read(context, each), options.null ? '\0' : '\n');
  if (items?.length === 0) throw usageError(`--each: ${each === '-' ? 'the standard input' : each} is empty`);
  return { array: definedOnly({ tasks, items, maxRunning }) };
}

async function read(context: Context, path: string): Promise<string> {
  try {
    const bytes = path === '-' ? await readAll(context.stdin) : readFileSync(resolve(context.cwd, path));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw usageError(`--each: ${path} cannot be read: ${(error as Error).message}`);
  }
}

async function readAll(input: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The last one may lack its end. */
function splitItems(text: string, end: string): string[] {
  const items = text.split(end);
  if (items.at(-1) === '') items.pop();
  return end === '\n' ? items.map((line) => line.replace(/\r$/, '')) : items;
}
