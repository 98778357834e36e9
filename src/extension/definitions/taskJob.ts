import { isAbsolute, join } from 'node:path';
import { singleQuoted } from '../../text/grammar.ts';
import { resolveEnvironment, resolveVariables, type VariableScope } from './taskVariables.ts';

/** An argument with the quoting that the task asks for: 1 escape, 2 strong, 3 weak (vscode.ShellQuoting). */
export type TaskArgument = string | { value: string; quoting: number };

interface ExecutionOptions {
  cwd?: string | undefined;
  env?: Record<string, string> | undefined;
}

export type TaskExecution =
  | { type: 'process'; process: string; args: string[]; options: ExecutionOptions }
  | {
      type: 'shell';
      commandLine?: string | undefined;
      command?: TaskArgument | undefined;
      args?: TaskArgument[] | undefined;
      options: ExecutionOptions & { executable?: string | undefined; shellArgs?: string[] | undefined };
    };

/** What a job needs of a task. */
export interface TaskJob {
  command?: string;
  argv?: string[];
  shell?: string;
  cwd: string;
  env: Record<string, string>;
  /** Variables that are not to be recorded. */
  secretEnv: Record<string, string>;
}

/**
 * A workspace task as a job.
 * @throws Error as {@link resolveVariables} does
 */
export function taskJob(execution: TaskExecution, scope: VariableScope, platform: NodeJS.Platform): TaskJob {
  const resolve = (text: string): string => resolveVariables(text, scope);
  const { cwd, env = {} } = execution.options;
  const place = {
    cwd: placeIn(scope.folder, cwd && resolve(cwd)),
    ...resolveEnvironment(env, scope),
  };
  if (execution.type === 'process') {
    return { argv: [execution.process, ...execution.args].map(resolve), ...place };
  }
  const line =
    execution.commandLine === undefined
      ? shellLine([execution.command ?? '', ...(execution.args ?? [])], resolve, platform)
      : resolve(execution.commandLine);
  const { executable, shellArgs } = execution.options;
  if (executable === undefined) return { command: line, ...place };
  const shell = resolve(executable);
  return shellArgs ? { argv: [shell, ...shellArgs.map(resolve), line], ...place } : { command: line, shell, ...place };
}

export function placeIn(folder: string, cwd: string | undefined): string {
  if (!cwd) return folder;
  return isAbsolute(cwd) ? cwd : join(folder, cwd);
}

/** What stands for a variable is quoted with the argument that it is in. */
function shellLine(
  words: readonly TaskArgument[],
  resolve: (text: string) => string,
  platform: NodeJS.Platform,
): string {
  const resolved = words.map((word) =>
    typeof word === 'string' ? resolve(word) : { ...word, value: resolve(word.value) },
  );
  return resolved.map((word) => quoted(word, platform)).join(' ');
}

/** As the task system does it: plain text stands as it is unless it has blanks in it. */
function quoted(argument: TaskArgument, platform: NodeJS.Platform): string {
  const plain = typeof argument === 'string';
  const value = plain ? argument : argument.value;
  if (plain && !/\s/.test(value)) return value;
  if (plain && /^(["']).*\1$/s.test(value)) return value;
  const quoting = plain ? strong : argument.quoting;
  if (platform === 'win32') return `"${value.replaceAll('"', '\\"')}"`;
  if (quoting === escape) return value.replace(/[\s"'\\$`!*?[\]{}()<>|&;#~]/g, '\\$&');
  return quoting === weak ? `"${value.replace(/["\\]/g, '\\$&')}"` : singleQuoted(value);
}

const escape = 1;
const strong = 2;
const weak = 3;
