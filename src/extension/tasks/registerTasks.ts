import * as vscode from 'vscode';
import { taskType } from '../base/ids.ts';
import { onDemand } from '../app/onDemand.ts';
import type { TaskRunner } from './taskRunner.ts';

/** The task type whose tasks are jobs. */
export function registerTasks(runner: () => TaskRunner): vscode.Disposable {
  const provider = (): vscode.TaskProvider => new (onDemand().JobTaskProvider)(runner());
  return vscode.tasks.registerTaskProvider(taskType, {
    provideTasks: (token) => provider().provideTasks(token),
    resolveTask: (task, token) => provider().resolveTask(task, token),
  });
}
