import * as vscode from 'vscode';
import { taskType } from '../ids.ts';
import { JobTaskProvider } from './taskProvider.ts';
import type { TaskRunner } from './taskRunner.ts';

/** The task type whose tasks are jobs. */
export function registerTasks(runner: TaskRunner): vscode.Disposable {
  return vscode.Disposable.from(runner, vscode.tasks.registerTaskProvider(taskType, new JobTaskProvider(runner)));
}
