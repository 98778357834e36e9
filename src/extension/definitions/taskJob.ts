import { isAbsolute, join, parse } from 'node:path';
import type { StartRequest } from '../../api/options.ts';
import { shellLine, type ShellQuotes, type TaskArgument } from './shellLine.ts';
import { resolveEnvironment, resolveVariables, type VariableScope } from './taskVariables.ts';

interface ExecutionOptions {
  cwd?: string | undefined;
  /** The editor hands on whatever tasks.json says. */
  env?: Record<string, unknown> | undefined;
}

export type TaskExecution =
  | { type: 'process'; process: string; args: string[]; options: ExecutionOptions }
  | {
      type: 'shell';
      commandLine?: string | undefined;
      command?: TaskArgument | undefined;
      args?: TaskArgument[] | undefined;
      options: ExecutionOptions & {
        executable?: string | undefined;
        shellArgs?: string[] | undefined;
        shellQuoting?: ShellQuotes | undefined;
      };
    };

/** The shell for tasks that name none. */
export interface TaskShell {
  path: string;
  /** Before the one that is followed by the line, as `-c` is. */
  args: readonly string[];
  /** Whether it is the user's own, which the job host starts without being told. */
  isUsers: boolean;
}

/** What a job needs of a task; `secretEnv` holds variables that are not to be recorded. */
type TaskJob = Pick<StartRequest, 'command' | 'argv' | 'shell' | 'env'> & {
  cwd: string;
  secretEnv: Record<string, string>;
};

/**
 * A workspace task as a job.
 * @throws Error as {@link resolveVariables} does
 */
export function taskJob(
  execution: TaskExecution,
  scope: VariableScope,
  shell: TaskShell,
  platform: NodeJS.Platform,
): TaskJob {
  const resolve = (text: string): string => resolveVariables(text, scope);
  const what =
    execution.type === 'process'
      ? { argv: [execution.process, ...execution.args].map(resolve) }
      : shellCommand(execution, resolve, shell, platform);
  const { cwd, env: written = {} } = execution.options;
  const { env, secretEnv } = resolveEnvironment(written, scope);
  // The job host refuses a value that is no text.
  return { ...what, cwd: placeIn(scope.folder, cwd && resolve(cwd)), env: env as TaskJob['env'], secretEnv };
}

function shellCommand(
  execution: Extract<TaskExecution, { type: 'shell' }>,
  resolve: (text: string) => string,
  shell: TaskShell,
  platform: NodeJS.Platform,
): Pick<TaskJob, 'command' | 'argv' | 'shell'> {
  const { commandLine, command = '', args = [], options } = execution;
  const resolveWord = (word: TaskArgument): TaskArgument =>
    typeof word === 'string' ? resolve(word) : { ...word, value: resolve(word.value) };
  const written = commandLine ?? command;
  const words = [resolveWord(written), ...args.map(resolveWord)] as const;
  const own = options.executable === undefined ? undefined : resolve(options.executable);
  const path = own ?? shell.path;
  const line = shellLine(words, written, path, platform, options.shellQuoting);
  const shellArgs = options.shellArgs?.map(resolve) ?? (path === shell.path ? shell.args : []);
  if (shellArgs.length === 0)
    return own === undefined && shell.isUsers ? { command: line } : { command: line, shell: path };
  // What names its shell also says what comes before the line.
  const flags = own === undefined ? lineFlags(path, platform) : [];
  return { argv: [path, ...shellArgs, ...flags.filter((flag) => !shellArgs.includes(flag)), line] };
}

/** What is put before the line, unless it is there already. */
function lineFlags(shell: string, platform: NodeJS.Platform): string[] {
  const name = parse(shell).name.toLowerCase();
  if (platform !== 'win32' || /^(bash|zsh|nu)$/.test(name)) return ['-c'];
  if (name === 'wsl') return ['-e'];
  return /^(powershell|pwsh)$/.test(name) ? ['-Command'] : ['/d', '/c'];
}

export function placeIn(folder: string, cwd: string | undefined): string {
  if (!cwd) return folder;
  return isAbsolute(cwd) ? cwd : join(folder, cwd);
}
