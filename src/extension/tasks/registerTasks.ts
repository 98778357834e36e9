import * as vscode from 'vscode';
import type { App } from '../commands/app.ts';
import { taskType } from '../ids.ts';
import { JobTaskProvider } from './taskProvider.ts';
import { TaskRunner } from './taskRunner.ts';

/** The task type whose tasks are jobs. */
export function registerTasks(app: App): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(taskType, new JobTaskProvider(new TaskRunner(app)));
}
