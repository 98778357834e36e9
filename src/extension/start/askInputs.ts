import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import { t } from '../base/l10n.ts';
import { secretsOf, type Input } from './inputs.ts';
import { questionsIn, type VariableScope } from '../tasks/taskVariables.ts';

/** The answers by what stands between the braces, and which of them are secret. */
export type Answered = Pick<VariableScope, 'answers' | 'secrets'>;

/**
 * Asks for all that a definition leaves open.
 * @returns undefined when the person has stepped back
 * @throws BgJobsError `invalid_request` when a question is nowhere defined
 */
export async function askInputs(
  definition: unknown,
  inputs: readonly Input[],
  title: string,
): Promise<Answered | undefined> {
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

/** A command that answers with nothing has been stepped back from. */
async function resultOf(command: string, args: unknown): Promise<string | undefined> {
  const result = await vscode.commands.executeCommand(command, args);
  if (result === undefined || result === null || typeof result === 'string') return result ?? undefined;
  throw new BgJobsError(
    'invalid_request',
    t('The command "{0}" has answered with something that is no text.', command),
  );
}
