import { isAbsolute, join } from 'node:path';
import { resolveVariables, type VariableScope } from './taskVariables.ts';

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
}

/**
 * A workspace task as a job.
 * @throws Error whose message is the variable that cannot be filled in
 */
export function taskJob(execution: TaskExecution, scope: VariableScope, platform: NodeJS.Platform): TaskJob {
  const resolve = (text: string): string => resolveVariables(text, scope);
  const { cwd, env = {} } = execution.options;
  const place = {
    cwd: placeIn(scope.folder, cwd && resolve(cwd)),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, resolve(value)])),
  };
  if (execution.type === 'process') {
    return { argv: [execution.process, ...execution.args].map(resolve), ...place };
  }
  const line = resolve(execution.commandLine ?? shellLine(execution.command ?? '', execution.args ?? [], platform));
  const { executable, shellArgs } = execution.options;
  if (executable === undefined) return { command: line, ...place };
  const shell = resolve(executable);
  return shellArgs ? { argv: [shell, ...shellArgs.map(resolve), line], ...place } : { command: line, shell, ...place };
}

function placeIn(folder: string, cwd: string | undefined): string {
  if (!cwd) return folder;
  return isAbsolute(cwd) ? cwd : join(folder, cwd);
}

function shellLine(command: TaskArgument, args: readonly TaskArgument[], platform: NodeJS.Platform): string {
  return [command, ...args].map((argument) => quoted(argument, platform)).join(' ');
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
  return quoting === weak ? `"${value.replace(/["\\]/g, '\\$&')}"` : `'${value.replaceAll("'", `'\\''`)}'`;
}

const escape = 1;
const strong = 2;
const weak = 3;
