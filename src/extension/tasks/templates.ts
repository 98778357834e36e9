import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import { validate } from '../../api/validate.ts';
import { section, settings } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { readInputs, type Input, commandOptionsOf, template, type Definition } from '../definitions/jobDefinition.ts';
import { isRecord } from '../../api/values.ts';

/** A named job definition of the settings. */
export interface Template {
  name: string;
  definition: Definition;
  inputs: Input[];
  /** Of the workspace folder whose settings have it; undefined for those of all folders. */
  folder: string | undefined;
  /** Why it cannot be used; null when it can. */
  problem: string | null;
}

/**
 * The templates of the settings: those of folders, and those for all folders but where each has its own of the name.
 */
export function templates(): Template[] {
  const own = vscode.workspace.getConfiguration(section).inspect<unknown>(settings.templates);
  const everywhere = new Map([...namedIn(own?.globalValue), ...namedIn(own?.workspaceValue)]);
  const folders = vscode.workspace.workspaceFolders ?? [];
  const ofFolders = folders.flatMap(({ uri }) => {
    const inspected = vscode.workspace.getConfiguration(section, uri).inspect<unknown>(settings.templates);
    return namedIn(inspected?.workspaceFolderValue).map(([name, value]) => readTemplate(name, value, uri.fsPath));
  });
  const others = [...everywhere].filter(
    ([name]) => folders.length === 0 || ofFolders.filter((one) => one.name === name).length < folders.length,
  );
  return [...ofFolders, ...others.map(([name, value]) => readTemplate(name, value, undefined))];
}

/**
 * Of one name the nearest: the folder's before the workspace's before the user's.
 * @throws BgJobsError `invalid_request` that names the templates there are
 */
export function templateNamed(name: string, folder?: string): Template {
  const all = templates();
  const named = all.filter((one) => one.name === name);
  const found = named.find((one) => one.folder === folder) ?? named.find((one) => !one.folder) ?? named[0];
  if (found) return found;
  const known = [...new Set(all.map((one) => one.name))].join(', ') || t('none');
  throw new BgJobsError('invalid_request', t('There is no template "{0}". There are: {1}.', name, known));
}

function namedIn(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

function readTemplate(name: string, value: unknown, folder: string | undefined): Template {
  const definition = isRecord(value) ? value : {};
  return { name, definition, inputs: readInputs(definition['inputs']), folder, problem: problemOf(value) };
}

function problemOf(value: unknown): string | null {
  try {
    const { length } = commandOptionsOf(validate(template, value));
    return length === 1 ? null : t('it needs exactly one of "command", "argv", and "codingAgent"');
  } catch (error) {
    if (error instanceof BgJobsError) return error.message;
    throw error;
  }
}
