import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { taskType } from '../base/ids.ts';
import { templates, templateNamed } from './templates.ts';
import type { TaskRunner } from './taskRunner.ts';
import { BgJobsError } from '../../api/errors.ts';
import { validate } from '../../api/validate.ts';
import { isRecord } from '../../api/values.ts';
import { cannotRun, tasksFile, taskNamed } from './workspaceTasks.ts';
import { type Answers, notRunnable, variableScope } from './answers.ts';
import { fillTask, fillTemplate } from './fill.ts';
import { terminalEnvironment } from './terminalSettings.ts';
import {
  secretsOf,
  commandOptionsOf,
  startOf,
  withoutCommand,
  type Definition,
  type Filled,
  taskDefinition,
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
    const described = (vscode.workspace.workspaceFolders ?? []).flatMap((folder) => tasksFile(folder).tasks);
    return templates().flatMap(({ name, folder, problem }) => {
      if (problem !== null || described.some((task) => isNothingBut(name, task))) return [];
      const scope = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.fsPath === folder);
      return this.#task({ type: taskType, template: name }, scope, name);
    });
  }

  /** The editor requires the definition of the returned task to be the same object. */
  resolveTask(task: vscode.Task): vscode.Task {
    return this.#task(task.definition, task.scope, task.name);
  }

  #task(definition: vscode.TaskDefinition, scope: vscode.Task['scope'], name: string): vscode.Task {
    const where = scope ?? vscode.TaskScope.Workspace;
    const execution = new vscode.CustomExecution((resolved) => {
      const start = (folder: vscode.WorkspaceFolder): Promise<JobStart | undefined> =>
        taskStart({ name, folder, definition, resolved }, this.#runner.answers());
      return Promise.resolve(this.#runner.terminalOf({ name, scope, definition }, start));
    });
    // Without a list of problem matchers the editor prompts for one before the first run.
    return new vscode.Task(definition, where, name, t('background job'), execution, []);
  }
}

/** Whether a task of tasks.json stands for a template in the list of tasks. */
function isNothingBut(template: string, written: Definition): boolean {
  const { type, label, template: own, ...rest } = written;
  return type === taskType && own === template && !Object.keys(rest).some((name) => name in taskDefinition.shape);
}

/** A task of our type, as the editor runs it: as it is written, and with its variables and inputs filled in. */
interface JobTask extends Pick<vscode.Task, 'name' | 'definition'> {
  folder: vscode.WorkspaceFolder;
  resolved: vscode.TaskDefinition;
}

/**
 * What the task starts: its template, if it names one, and what it says itself.
 * @returns undefined when the user has canceled
 * @throws BgJobsError `invalid_request`
 */
async function taskStart(task: JobTask, answers: Answers): Promise<JobStart | undefined> {
  const { name } = task;
  const folder = task.folder.uri.fsPath;
  const own = ownOptions(task);
  const base = await referredTo(task, answers);
  if (!base) return undefined;
  const options = { capture: 'merged', ...together(base.options, own.options), ...jobName(name) };
  if (commandOptionsOf(options).length === 0) {
    const reason = t('it needs "command", "argv", "codingAgent", "template", or "task"');
    throw new BgJobsError('invalid_request', cannotRun(name, reason));
  }
  const start = startOf({ options, secretEnv: { ...base.secretEnv, ...own.secretEnv } }, folder);
  return { ...start, environment: { ...terminalEnvironment(variableScope(folder)), ...base.environment } };
}

async function referredTo(
  { resolved, folder }: JobTask,
  answers: Answers,
): Promise<(Filled & Pick<JobStart, 'environment'>) | undefined> {
  const { template, task } = validate(taskReference, resolved);
  if (template !== undefined) {
    return fillTemplate(templateNamed(template, folder.uri.fsPath), folder.uri.fsPath, answers);
  }
  if (task === undefined) return { options: {}, secretEnv: {} };
  const { name, what, ...found } = await taskNamed(task, folder);
  if (what.type !== 'command') throw new BgJobsError('invalid_request', cannotRun(name, t('it has no command')));
  const start = await fillTask({ name, ...found }, what.execution, answers);
  return start && { ...start, options: start.request, secretEnv: start.secretEnv ?? {} };
}

/** The task's own command replaces that of the template in any form; environment variables and tags are merged. */
function together(template: Definition, own: Definition): Definition {
  const both = { ...(commandOptionsOf(own).length > 0 ? withoutCommand(template) : template), ...own };
  for (const name of ['env', 'tags']) {
    const [less, more] = [template[name], own[name]];
    if (isRecord(less) && isRecord(more)) both[name] = { ...less, ...more };
  }
  return both;
}

/** The options of the task itself. Passwords that the editor has prompted for are kept apart: they are not recorded. */
function ownOptions({ name, folder, definition, resolved }: JobTask): Filled {
  const secrets = secretsOf(tasksFile(folder).inputs);
  const secretIn = (value: unknown): string | undefined => questionsIn(value).find((one) => secrets.has(one));
  const { env: writtenEnv, ...written } = optionsOf(definition);
  const misplaced = secretIn(written);
  if (misplaced !== undefined) throw notRunnable(name, new MisplacedSecret(`\${${misplaced}}`));
  const options = optionsOf(resolved);
  const secretEnv: Record<string, string> = {};
  if (isRecord(options['env'])) {
    const env = { ...options['env'] };
    for (const [variable, value] of Object.entries(env)) {
      if (!isRecord(writtenEnv) || secretIn(writtenEnv[variable]) === undefined) continue;
      secretEnv[variable] = String(value);
      delete env[variable];
    }
    options['env'] = env;
  }
  return { options, secretEnv };
}

function optionsOf({ type, label, template, task, ...options }: vscode.TaskDefinition): Definition {
  return options;
}
