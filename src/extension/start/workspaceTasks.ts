import * as vscode from 'vscode';
import { t } from '../l10n.ts';
import type { TaskArgument, TaskExecution } from './taskJob.ts';

export interface OfferedTask {
  name: string;
  source: string;
  /** How to run it as a job, or why that cannot be. */
  offer: Omit<RunnableTask, 'name'> | { problem: string };
}

export interface RunnableTask {
  name: string;
  execution: TaskExecution;
  folder: vscode.WorkspaceFolder;
}

/** The workspace's tasks. Those of package.json are left out: its scripts are offered themselves. */
export async function workspaceTasks(): Promise<OfferedTask[]> {
  const tasks = await vscode.tasks.fetchTasks();
  return tasks
    .filter(({ definition }) => definition.type !== 'npm')
    .map((task) => ({ name: task.name, source: task.source, offer: offerOf(task) }));
}

function offerOf(task: vscode.Task): OfferedTask['offer'] {
  const execution = executionOf(task.execution);
  const folder = folderOf(task);
  if (!execution) return { problem: t('its extension runs it itself') };
  if (folder === undefined) return { problem: t('it belongs to no folder') };
  return { execution, folder };
}

export function folderOf(task: vscode.Task): vscode.WorkspaceFolder | undefined {
  return typeof task.scope === 'object' ? task.scope : vscode.workspace.workspaceFolders?.[0];
}

export function executionOf(execution: vscode.Task['execution']): TaskExecution | undefined {
  if (execution instanceof vscode.ProcessExecution) {
    const { process, args, options } = execution;
    return { type: 'process', process, args, options: options ?? {} };
  }
  if (execution instanceof vscode.ShellExecution) {
    const { commandLine, command, args, options } = execution;
    return { type: 'shell', commandLine, command: command as TaskArgument, args, options: options ?? {} };
  }
  return undefined;
}
