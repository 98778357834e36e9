import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import { storageKeys } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { secretsOf, type Input } from '../definitions/jobDefinition.ts';
import { MisplacedSecret, Unanswered, type VariableScope } from '../definitions/taskVariables.ts';
import { cannotRun } from './workspaceTasks.ts';

/** What is to be filled in. */
interface Blank {
  /** Title of the prompts. */
  name: string;
  /** Absolute path. */
  folder: string;
  inputs: readonly Input[];
  /** What the inputs belong to: equal ids of others are other inputs. */
  owner: string;
}

/** Maximum number of answers that are remembered. */
const remembered = 50;

/**
 * The answers to the inputs of a start: each input is asked for once, however many texts and tasks name it. What was
 * entered last is offered again, as the editor does it, but a password is not remembered.
 */
export class Answers {
  readonly #state: vscode.Memento;
  /** By what stands between the braces. */
  readonly #given = new Map<string, string>();
  readonly #fromTasks: ReadonlyMap<string, string>;

  /** @param fromTasks what `${taskVar:…}` stands for at present, by what is between the braces */
  constructor(state: vscode.Memento, fromTasks: ReadonlyMap<string, string> = new Map()) {
    this.#state = state;
    this.#fromTasks = fromTasks;
  }

  /**
   * Prompts for what is missing, also in the values of variables.
   * @returns undefined when the user has canceled
   * @throws BgJobsError `invalid_request` that says why it cannot be a job
   */
  async fillIn<Result>(blank: Blank, make: (scope: VariableScope) => Result): Promise<Result | undefined> {
    for (;;) {
      try {
        const answers = new Map([...this.#fromTasks, ...this.#given]);
        return make(variableScope(blank.folder, answers, secretsOf(blank.inputs)));
      } catch (error) {
        if (!(error instanceof Unanswered)) throw notRunnable(blank.name, error);
        const answer = await this.#answer(error.message, blank);
        if (answer === undefined) return undefined;
        this.#given.set(error.message, answer);
      }
    }
  }

  async #answer(question: string, { name, inputs, owner }: Blank): Promise<string | undefined> {
    const id = question.slice(question.indexOf(':') + 1);
    if (question.startsWith('command:')) return resultOf(id, undefined);
    const input = inputs.find((one) => one.id === id);
    if (!input) {
      throw new BgJobsError(
        'invalid_request',
        t('There is no input "{0}" for "{1}". Define it under "inputs", or correct the name.', id, name),
      );
    }
    if (input.type === 'command') return resultOf(input.command, input.args);
    const key = `${owner}.${id}`;
    const answers = this.#state.get<Record<string, string>>(storageKeys.answers, {});
    const answer = await ask(input, name, answers[key]);
    if (answer === undefined || (input.type === 'promptString' && input.password)) return answer;
    const { [key]: _, ...others } = answers;
    const newest = [...Object.entries(others), [key, answer]].slice(-remembered);
    await this.#state.update(storageKeys.answers, Object.fromEntries(newest));
    return answer;
  }
}

function ask(
  input: Exclude<Input, { type: 'command' }>,
  title: string,
  last: string | undefined,
): Thenable<string | undefined> {
  const prompt = input.description ?? input.id;
  if (input.type === 'promptString') {
    const { default: value = '', password = false } = input;
    return vscode.window.showInputBox({ title, prompt, value: last ?? value, password, ignoreFocusOut: true });
  }
  const items = input.options.map((option) => {
    const { value, label = value } = typeof option === 'string' ? { value: option } : option;
    return { label, value, ...(value === input.default && { description: t('default') }) };
  });
  const first = [last, input.default].flatMap((value) => items.find((item) => item.value === value) ?? []);
  const options = { title, placeHolder: prompt, ignoreFocusOut: true };
  return vscode.window.showQuickPick([...new Set([...first, ...items])], options).then((item) => item?.value);
}

/** @param error what `resolveVariables` throws */
export function notRunnable(name: string, error: unknown): BgJobsError {
  const { message } = error as Error;
  const reason =
    error instanceof MisplacedSecret
      ? t('{0} is a password and can only be used in "env": everything else about a job is recorded', message)
      : t('{0} has no value', message);
  return new BgJobsError('invalid_request', cannotRun(name, reason));
}

/** A command that returns nothing counts as canceled. */
async function resultOf(command: string, args: unknown): Promise<string | undefined> {
  const result = await vscode.commands.executeCommand(command, args);
  if (result === undefined || result === null || typeof result === 'string') return result ?? undefined;
  throw new BgJobsError('invalid_request', t('The command "{0}" did not return a string.', command));
}

/**
 * What variables stand for in this window, now.
 * @param folder absolute path
 * @param answers by what stands between the braces; `secrets` are those that must not be recorded
 */
export function variableScope(
  folder: string,
  answers: VariableScope['answers'] = new Map(),
  secrets: VariableScope['secrets'] = new Set(),
): VariableScope {
  const editor = vscode.window.activeTextEditor;
  return {
    folder,
    folders: (vscode.workspace.workspaceFolders ?? []).map(({ name, uri }) => ({ name, path: uri.fsPath })),
    env: process.env,
    home: homedir(),
    setting: (name) => vscode.workspace.getConfiguration(undefined, vscode.Uri.file(folder)).get(name),
    editor: editor
      ? {
          file: editor.document.uri.fsPath,
          folder: vscode.workspace.getWorkspaceFolder(editor.document.uri)?.uri.fsPath ?? null,
          line: editor.selection.active.line + 1,
          column: editor.selection.active.character + 1,
          selection: editor.document.getText(editor.selection),
        }
      : null,
    editorFolder: vscode.env.appRoot,
    extensionFolder: (id) => vscode.extensions.getExtension(id)?.extensionPath,
    answers,
    secrets,
  };
}
