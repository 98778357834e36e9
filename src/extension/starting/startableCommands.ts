import { join } from 'node:path';
import * as vscode from 'vscode';
import { isRecord } from '../../api/values.ts';
import { favorites } from '../base/history.ts';
import { commands, storageKeys } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { inform } from '../commands/acting.ts';
import { trusted, type Handler } from '../commands/app.ts';
import type { StartChoice } from '../start/choice.ts';
import { fileChoice, scriptChoice } from '../start/fileChoice.ts';
import { openDefinition as openPlace } from '../start/openDefinition.ts';
import { runMarks } from '../start/runMarks.ts';
import type { Startable } from '../start/startablesTree.ts';
import { folderOf } from '../tasks/workspaceTasks.ts';

/**
 * Of a lens, the path of a file and the name of a script in it; an item of the editor's view of npm scripts; or a line whose
 * number was clicked.
 */
export const runScript = trusted(async (_, [given, named]) => {
  if (isRecord(given) && given['uri'] instanceof vscode.Uri) return runAt(given['uri'], given['lineNumber']);
  const [file, name] = isRecord(given) ? ofNpm(given) : [given, named];
  if (typeof file !== 'string' || typeof name !== 'string') return inform(t('Select a script first.'));
  return start(await scriptChoice(file, name));
});

/** @param number of the line, from 1 */
async function runAt(uri: vscode.Uri, number: unknown): Promise<unknown> {
  const marks = runMarks(await vscode.workspace.openTextDocument(uri));
  const mark = marks.find(({ line }) => line + 1 === number);
  if (!mark) return inform(t('No script begins on this line.'));
  return vscode.commands.executeCommand(mark.command, ...mark.arguments);
}

function start(choice: StartChoice): Thenable<unknown> {
  return vscode.commands.executeCommand(commands.start, { choice });
}

function ofNpm({ task }: Record<string, unknown>): [file?: string, name?: unknown] {
  if (!(task instanceof vscode.Task)) return [];
  const { script, path = '' } = task.definition;
  const folder = folderOf(task.scope)?.uri.fsPath;
  return folder === undefined ? [] : [join(folder, String(path), 'package.json'), script];
}

/** A file of the Explorer or of an editor; otherwise the one of the active editor. */
export const runFile = trusted(async (_, [given, selected]) => {
  const uris = Array.isArray(selected) ? selected.filter((one) => one instanceof vscode.Uri) : [];
  const active = vscode.window.activeTextEditor?.document.uri;
  const files = uris.length > 0 ? uris : [given instanceof vscode.Uri ? given : active];
  const started: unknown[] = [];
  for (const file of files) {
    if (file?.scheme !== 'file') return inform(t('Open or select a file first.'));
    const choice = await fileChoice(file);
    if (choice) started.push(await start(choice));
  }
  return started;
});

export const runStartable = ofStartable(false);
export const runStartableWithOptions = ofStartable(true);

/** What an item of the view stands for. */
function ofStartable(withOptions: boolean): Handler {
  return trusted(async (_, [node]) => {
    const choice = isStartable(node) ? node.choice : undefined;
    if (!choice) return inform(t('Select a script, template, or task first.'));
    return start({ ...choice, liveInput: false, withOptions });
  });
}

export const openDefinition: Handler = async (_, [node]) => {
  if (isStartable(node)) await openPlace(node.definition);
};

export const addFavorite = keepOnTop(true);
export const removeFavorite = keepOnTop(false);

/** In this workspace. */
function keepOnTop(isKept: boolean): Handler {
  return async ({ context, startables }, [node]) => {
    if (!isStartable(node)) return inform(t('Select a script, template, or task first.'));
    const others = favorites(context.workspaceState).filter((key) => key !== node.key);
    await context.workspaceState.update(storageKeys.favorites, isKept ? [...others, node.key] : others);
    startables.redraw();
  };
}

export const refreshStartables: Handler = (app) => Promise.resolve(app.startables.refresh());

function isStartable(value: unknown): value is Startable {
  return isRecord(value) && value['type'] === 'startable';
}
