import * as vscode from 'vscode';
import { commands, type CommandName, taskType } from '../base/ids.ts';
import type { App } from '../commands/context.ts';
import { tellFailure } from '../base/showFailure.ts';
import { commandsBundle } from '../../bundles.ts';
import type * as Commands from '../commands/main.ts';
import { loadBundle } from '../base/loadBundle.ts';
import type { TaskRunner } from '../tasks/taskRunner.ts';

/** Each command answers with what came of it; a failure is told to the person and answers with undefined. */
export function registerCommands(app: App): vscode.Disposable {
  const names = Object.keys(commands) as CommandName[];
  const registered = names.map((name) =>
    vscode.commands.registerCommand(commands[name], async (...args: unknown[]) => {
      try {
        return await onDemand().handlers[name](app, args);
      } catch (error) {
        return tellFailure(error, commands[name], args);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

/** What commands and tasks do, loaded when the first of them is asked for: a window that opens need not wait for it. */
export function onDemand(): typeof Commands {
  return loadBundle(commandsBundle) as typeof Commands;
}

/** The task type whose tasks are jobs. */
export function registerTasks(runner: () => TaskRunner): vscode.Disposable {
  const provider = (): vscode.TaskProvider => new (onDemand().JobTaskProvider)(runner());
  return vscode.tasks.registerTaskProvider(taskType, {
    provideTasks: (token) => provider().provideTasks(token),
    resolveTask: (task, token) => provider().resolveTask(task, token),
  });
}
