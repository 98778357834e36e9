import * as vscode from 'vscode';
import { readInputs, type Input } from './inputs.ts';

/** What the editor's tasks are described by: tasks.json of a folder, before that of the workspace, before the user's. */
export interface TasksFile {
  inputs: Input[];
}

export function tasksFile(folder: vscode.WorkspaceFolder): TasksFile {
  const configuration = vscode.workspace.getConfiguration('tasks', folder.uri);
  const inspected = configuration.inspect<unknown>('inputs');
  const levels = [inspected?.workspaceFolderValue, inspected?.workspaceValue, inspected?.globalValue];
  return { inputs: levels.flatMap(readInputs) };
}
