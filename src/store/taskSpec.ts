import { quoteArgument } from '../text/quoting.ts';
import type { JobSpec, Task } from './jobTable.ts';

/**
 * The spec of a task: that of its array, with the task's item (or number) in place of `{}` and its number in place of
 * `{#}`, and both as variables. When an array starts, and what comes before it, is not its tasks' business.
 */
export function taskSpec(array: JobSpec, { number, item }: Pick<Task, 'number' | 'item'>): JobSpec {
  const { array: _array, at: _at, delayMs: _delay, idempotencyKey: _key, command, argv, name, ...common } = array;
  const fill = (text: string, quote = (word: string): string => word): string =>
    text.replaceAll(/\{#?\}/g, (mark) => (mark === '{#}' || item === null ? String(number) : quote(item)));
  return {
    ...common,
    ...(command !== undefined && { command: fill(command, quoting(array.shell)) }),
    ...(argv && { argv: argv.map((argument) => fill(argument)) }),
    ...(name !== undefined && { name: `${name}:${number}` }),
    env: { ...common.env, BGJOBS_TASK: String(number), ...(item !== null && { BGJOBS_TASK_ITEM: item }) },
    dependsOn: [],
    held: false,
  };
}

/** How an item becomes one word of a line in this shell. */
function quoting(shell = ''): (item: string) => string {
  return isPowerShell(shell) ? (item) => `'${item.replaceAll("'", "''")}'` : quoteArgument;
}

export function isPowerShell(shell: string): boolean {
  return /(powershell|pwsh)(\.exe)?$/i.test(shell);
}

/** Not to be asked about PowerShell, whose newer name ends like theirs. */
export function isPosixShell(shell: string): boolean {
  return /(bash|sh)(\.exe)?$/i.test(shell);
}
