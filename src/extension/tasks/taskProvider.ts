import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { taskType } from '../base/ids.ts';
import { templates, templateNamed } from './templates.ts';
import type { TaskRunner } from './taskRunner.ts';
import { BgJobsError } from '../../api/errors.ts';
import { validate } from '../../api/validate.ts';
import { isRecord } from '../base/readableText.ts';
import { cannotRun, tasksFile, taskNamed } from './workspaceTasks.ts';
import { fillTask, fillTemplate, notRunnable } from './fill.ts';
import {
  secretsOf,
  commandOptionsOf,
  startOf,
  withoutCommand,
  type Definition,
  type Filled,
  taskReference,
} from '../definitions/jobDefinition.ts';
import { jobName, type JobStart } from '../base/jobStart.ts';
import { MisplacedSecret, questionsIn } from '../definitions/taskVariables.ts';

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

  /** The editor requires the definition of the returned task to be the same object. */
  resolveTask(task: vscode.Task): vscode.Task {
    return this.#task(task.definition, task.scope, task.name);
  }

  #task(definition: vscode.TaskDefinition, scope: vscode.Task['scope'], name: string): vscode.Task {
    const where = scope ?? vscode.TaskScope.Workspace;
    const execution = new vscode.CustomExecution((resolved) =>
      Promise.resolve(
        this.#runner.terminalOf({
          name,
          scope: where,
          definition,
          start: (folder) => taskStart({ name, folder, definition, resolved }),
        }),
      ),
    );
    // Without a list of problem matchers the editor prompts for one before the first run.
    return new vscode.Task(definition, where, name, t('background job'), execution, []);
  }
}

/** A task of our type, as the editor runs it. */
interface JobTask {
  name: string;
  folder: vscode.WorkspaceFolder;
  /** As it is written. */
  definition: vscode.TaskDefinition;
  /** With its variables and inputs filled in by the editor. */
  resolved: vscode.TaskDefinition;
}

/**
 * What the task starts: its template, if it names one, and what it says itself.
 * @returns undefined when the user has canceled
 * @throws BgJobsError `invalid_request`
 */
async function taskStart(task: JobTask): Promise<JobStart | undefined> {
  const { name } = task;
  const folder = task.folder.uri.fsPath;
  const own = ownOptions(task);
  const base = await referredTo(task);
  if (!base) return undefined;
  const options = { capture: 'merged', ...together(base.options, own.options), ...jobName(name) };
  if (commandOptionsOf(options).length === 0) {
    const reason = t('it needs "command", "argv", "codingAgent", "template", or "task"');
    throw new BgJobsError('invalid_request', cannotRun(name, reason));
  }
  return startOf({ options, secretEnv: { ...base.secretEnv, ...own.secretEnv } }, folder);
}

async function referredTo({ resolved, folder }: JobTask): Promise<Filled | undefined> {
  const { template, task } = validate(taskReference, resolved);
  if (template !== undefined) return fillTemplate(templateNamed(template, folder.uri.fsPath), folder.uri.fsPath);
  if (task === undefined) return { options: {}, secretEnv: {} };
  const { name, what, ...found } = await taskNamed(task, folder);
  if (what.type !== 'command') throw new BgJobsError('invalid_request', cannotRun(name, t('it has no command')));
  const start = await fillTask({ name, ...found }, what.execution);
  return start && { options: start.request, secretEnv: start.secretEnv ?? {} };
}

/** The task's own command replaces that of the template in any form; environment variables and tags are merged. */
function together(template: Definition, own: Definition): Definition {
  const both = (name: 'env' | 'tags'): Definition => {
    const [less, more] = [template[name], own[name]];
    return isRecord(less) && isRecord(more) ? { [name]: { ...less, ...more } } : {};
  };
  return {
    ...(commandOptionsOf(own).length > 0 ? withoutCommand(template) : template),
    ...own,
    ...both('env'),
    ...both('tags'),
  };
}

/**
 * The options of the task itself. Passwords that the editor has prompted for are kept apart, so that they are not
 * recorded.
 */
function ownOptions({ name, folder, definition, resolved }: JobTask): Filled {
  const secrets = secretsOf(tasksFile(folder).inputs);
  const secretIn = (value: unknown): string | undefined => questionsIn(value).find((one) => secrets.has(one));
  const { env: writtenEnv, ...written } = optionsOf(definition);
  const misplaced = secretIn(written);
  if (misplaced !== undefined) throw notRunnable(name, new MisplacedSecret(`\${${misplaced}}`));
  const { env, ...options } = optionsOf(resolved);
  if (!isRecord(env)) return { options: env === undefined ? options : { ...options, env }, secretEnv: {} };
  const secretEnv: Record<string, string> = {};
  const plainEnv: Record<string, unknown> = {};
  for (const [variable, value] of Object.entries(env)) {
    if (isRecord(writtenEnv) && secretIn(writtenEnv[variable]) !== undefined) secretEnv[variable] = String(value);
    else plainEnv[variable] = value;
  }
  return { options: { ...options, env: plainEnv }, secretEnv };
}

function optionsOf({ type, template, task, ...options }: vscode.TaskDefinition): Definition {
  return options;
}
