import { BgJobsError } from '../../api/errors.ts';
import { t } from '../base/l10n.ts';
import { askInputs } from './askInputs.ts';
import { cannotRun } from './cannotRun.ts';
import type { Input } from './inputs.ts';
import { jobName } from './jobName.ts';
import type { JobStart } from './startJob.ts';
import { taskJob, type TaskExecution } from '../tasks/taskJob.ts';
import { tasksFile } from '../tasks/tasksFile.ts';
import { MisplacedSecret, type VariableScope } from '../tasks/taskVariables.ts';
import { fillIn, type Filled } from './template.ts';
import type { Template } from './templates.ts';
import { variableScope } from '../tasks/variableScope.ts';
import type { RunnableTask } from '../tasks/workspaceTasks.ts';

/**
 * Asks what a template leaves open.
 * @returns undefined when the person has stepped back
 * @throws BgJobsError `invalid_request` that says why it cannot be a job
 */
export function fillTemplate(template: Template, folder: string): Promise<Filled | undefined> {
  const { name, definition, inputs, problem } = template;
  if (problem !== null) throw new BgJobsError('invalid_request', cannotRun(name, problem));
  return fill({ name, folder, definition, inputs }, (scope) => fillIn({ ...jobName(name), ...definition }, scope));
}

/** The same for a task of the workspace. */
export function fillTask(
  { name, folder }: Pick<RunnableTask, 'name' | 'folder'>,
  execution: TaskExecution,
): Promise<JobStart | undefined> {
  const { inputs } = tasksFile(folder);
  return fill({ name, folder: folder.uri.fsPath, definition: execution, inputs }, (scope) => {
    const { secretEnv, ...request } = taskJob(execution, scope, process.platform);
    return { request: { ...jobName(name), ...request }, secretEnv };
  });
}

/** @param error what {@link resolveVariables} throws, or a BgJobsError */
export function notRunnable(name: string, error: unknown): BgJobsError {
  return new BgJobsError('invalid_request', cannotRun(name, whyNot(error)));
}

interface Open {
  name: string;
  folder: string;
  definition: unknown;
  inputs: readonly Input[];
}

async function fill<Result>(open: Open, make: (scope: VariableScope) => Result): Promise<Result | undefined> {
  const answered = await askInputs(open.definition, open.inputs, open.name);
  if (!answered) return undefined;
  try {
    return make(variableScope(open.folder, answered));
  } catch (error) {
    throw notRunnable(open.name, error);
  }
}

function whyNot(error: unknown): string {
  if (error instanceof BgJobsError) return error.message;
  const { message } = error as Error;
  return error instanceof MisplacedSecret
    ? t('{0} is a password, and everything but its environment is recorded: use it in "env"', message)
    : t('{0} cannot be filled in', message);
}
