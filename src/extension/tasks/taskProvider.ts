import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { taskType } from '../base/ids.ts';
import { templates } from '../start/templates.ts';
import type { TaskRunner } from './taskRunner.ts';

/** Tasks of our type: each template is one, and each that a tasks.json describes. */
export class JobTaskProvider implements vscode.TaskProvider {
  readonly #runner: TaskRunner;

  constructor(runner: TaskRunner) {
    this.#runner = runner;
  }

  provideTasks(): vscode.Task[] {
    if (!vscode.workspace.isTrusted) return [];
    return templates().flatMap(({ name, folder, problem }) => {
      const scope = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.fsPath === folder);
      return problem === null ? this.#task({ type: taskType, template: name }, scope, name) : [];
    });
  }

  /** The editor asks for a task whose definition is the very object that it has given. */
  resolveTask(task: vscode.Task): vscode.Task {
    return this.#task(task.definition, task.scope, task.name);
  }

  #task(definition: vscode.TaskDefinition, scope: vscode.Task['scope'], name: string): vscode.Task {
    const where = scope ?? vscode.TaskScope.Workspace;
    const execution = new vscode.CustomExecution((resolved) =>
      Promise.resolve(this.#runner.terminalOf({ name, scope: where, definition, resolved })),
    );
    // Without a list of problem matchers the editor would ask for one before the first run.
    return new vscode.Task(definition, where, name, t('background job'), execution, []);
  }
}
