import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { t } from '../l10n.ts';
import { taskJob, type TaskArgument, type TaskExecution, type TaskJob } from './taskJob.ts';
import type { VariableScope } from './taskVariables.ts';

export interface OfferedTask {
  name: string;
  source: string;
  /** How to run it as a job, or why that cannot be. */
  offer: { job: TaskJob } | { problem: string };
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
  try {
    return { job: taskJob(execution, scopeIn(folder), process.platform) };
  } catch (error) {
    return { problem: t('{0} cannot be filled in', (error as Error).message) };
  }
}

function folderOf(task: vscode.Task): string | undefined {
  const scope = typeof task.scope === 'object' ? task.scope : vscode.workspace.workspaceFolders?.[0];
  return scope?.uri.fsPath;
}

function executionOf(execution: vscode.Task['execution']): TaskExecution | undefined {
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

function scopeIn(folder: string): VariableScope {
  const editor = vscode.window.activeTextEditor;
  return {
    folder,
    folders: (vscode.workspace.workspaceFolders ?? []).map(({ name, uri }) => ({ name, path: uri.fsPath })),
    env: process.env,
    home: homedir(),
    setting: (name) => vscode.workspace.getConfiguration().get(name),
    editor: editor
      ? {
          file: editor.document.uri.fsPath,
          line: editor.selection.active.line + 1,
          selection: editor.document.getText(editor.selection),
        }
      : null,
  };
}
