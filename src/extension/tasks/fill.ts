import { BgJobsError } from '../../api/errors.ts';
import { t } from '../base/l10n.ts';
import { cannotRun, tasksFile, type RunnableTask } from './workspaceTasks.ts';
import { type Input, fillIn, type Filled, secretsOf } from '../definitions/jobDefinition.ts';
import { jobName } from '../base/jobStart.ts';
import type { JobStart } from '../base/jobStart.ts';
import { taskJob, type TaskExecution } from '../definitions/taskJob.ts';
import { MisplacedSecret, type VariableScope, questionsIn } from '../definitions/taskVariables.ts';
import type { Template } from './templates.ts';
import * as vscode from 'vscode';
import { variableScope, type Answered } from './variableScope.ts';

/**
 * Prompts for the inputs of a template.
 * @returns undefined when the user has canceled
 * @throws BgJobsError `invalid_request` that says why it cannot be a job
 */
export function fillTemplate(template: Template, folder: string): Promise<Filled | undefined> {
  const { name, definition, inputs, problem } = template;
  if (problem !== null) throw new BgJobsError('invalid_request', cannotRun(name, problem));
  return fill({ name, folder, definition, inputs }, (scope) => fillIn({ ...jobName(name), ...definition }, scope));
}

/** Prompts for the inputs of a task of the workspace. */
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
    ? t('{0} is a password and can only be used in "env": everything else about a job is recorded', message)
    : t('{0} has no value', message);
}

/**
 * Prompts for all inputs of a definition.
 * @returns undefined when the user has canceled
 * @throws BgJobsError `invalid_request` when a question is nowhere defined
 */
async function askInputs(definition: unknown, inputs: readonly Input[], title: string): Promise<Answered | undefined> {
  const answers = new Map<string, string>();
  for (const question of questionsIn(definition)) {
    const answer = await answerTo(question, inputs, title);
    if (answer === undefined) return undefined;
    answers.set(question, answer);
  }
  return { answers, secrets: secretsOf(inputs) };
}

function answerTo(question: string, inputs: readonly Input[], title: string): Promise<string | undefined> {
  const name = question.slice(question.indexOf(':') + 1);
  if (question.startsWith('command:')) return resultOf(name, undefined);
  const input = inputs.find(({ id }) => id === name);
  if (!input) {
    throw new BgJobsError(
      'invalid_request',
      t('There is no input "{0}" for "{1}". Define it under "inputs", or correct the name.', name, title),
    );
  }
  return ask(input, title);
}

async function ask(input: Input, title: string): Promise<string | undefined> {
  switch (input.type) {
    case 'promptString':
      return vscode.window.showInputBox({
        title,
        prompt: input.description ?? input.id,
        value: input.default ?? '',
        password: input.password ?? false,
        ignoreFocusOut: true,
      });
    case 'pickString': {
      const items = input.options.map((option) =>
        typeof option === 'string' ? { label: option, value: option } : option,
      );
      const [first, others] = [
        items.filter(({ value }) => value === input.default).map((item) => ({ ...item, description: t('default') })),
        items.filter(({ value }) => value !== input.default),
      ];
      const placeHolder = input.description ?? input.id;
      const picked = await vscode.window.showQuickPick([...first, ...others], {
        title,
        placeHolder,
        ignoreFocusOut: true,
      });
      return picked?.value;
    }
    case 'command':
      return resultOf(input.command, input.args);
  }
}

/** A command that returns nothing counts as canceled. */
async function resultOf(command: string, args: unknown): Promise<string | undefined> {
  const result = await vscode.commands.executeCommand(command, args);
  if (result === undefined || result === null || typeof result === 'string') return result ?? undefined;
  throw new BgJobsError('invalid_request', t('The command "{0}" did not return a string.', command));
}
