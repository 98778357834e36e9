import { detect } from 'package-manager-detector/detect';
import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import { jobName, type JobStart } from '../base/jobStart.ts';
import { fillIn, type Filled } from '../definitions/jobDefinition.ts';
import { placeIn, taskJob, type TaskExecution } from '../definitions/taskJob.ts';
import type { Answers } from './answers.ts';
import type { Template } from './templates.ts';
import { taskShell, terminalEnvironment } from './terminalSettings.ts';
import { cannotRun, tasksFile, type RunnableTask } from './workspaceTasks.ts';

/**
 * Prompts for the inputs of a template.
 * @returns undefined when the user has canceled
 * @throws BgJobsError `invalid_request` that says why it cannot be a job
 */
export function fillTemplate(template: Template, folder: string, answers: Answers): Promise<Filled | undefined> {
  const { name, definition, inputs, problem } = template;
  if (problem !== null) throw new BgJobsError('invalid_request', cannotRun(name, problem));
  const blank = { name, folder, inputs, owner: `template ${name}` };
  return answers.fillIn(blank, (scope) => fillIn({ ...jobName(name), ...definition }, scope));
}

/** Prompts for the inputs of a task of the workspace. */
export async function fillTask(
  task: Pick<RunnableTask, 'name' | 'folder' | 'task'>,
  written: TaskExecution,
  answers: Answers,
): Promise<JobStart | undefined> {
  const { name, folder } = task;
  const execution = await withPackageManager(task, written);
  const blank = { name, folder: folder.uri.fsPath, inputs: tasksFile(folder).inputs, owner: 'tasks' };
  return answers.fillIn(blank, (scope) => {
    const { env, ...shell } = taskShell(scope);
    const { secretEnv, ...request } = taskJob(execution, scope, shell, process.platform);
    const environment = { ...terminalEnvironment(scope), ...(execution.type === 'shell' && env) };
    return { request: { ...jobName(name), ...request }, environment, secretEnv };
  });
}

/**
 * A script is run by the manager of its package, unless a setting names one. The editor looks only for the lock files of
 * the workspace folder, and does not see when they change.
 */
async function withPackageManager(
  { folder, task }: Pick<RunnableTask, 'folder' | 'task'>,
  execution: TaskExecution,
): Promise<TaskExecution> {
  const { type, script } = task.definition;
  if (type !== 'npm' || execution.type !== 'shell') return execution;
  const setting = script === 'install' ? 'packageManager' : 'scriptRunner';
  if (vscode.workspace.getConfiguration('npm', folder).get(setting, 'auto') !== 'auto') return execution;
  const manager = (await detect({ cwd: placeIn(folder.uri.fsPath, execution.options.cwd) }))?.name;
  return manager === undefined || manager === 'deno' ? execution : { ...execution, command: manager };
}
