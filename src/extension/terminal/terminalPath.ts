import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { bgjobsShim, type Shim } from './shim.ts';

/** Of this window's `bgjobs`; {@link putOnTerminalPath} puts it there. */
export function bgjobsPath(context: vscode.ExtensionContext): string {
  return join(folderOf(context), shimOf(context).name);
}

/** Makes `bgjobs` a command of the editor's terminals, with the window's session as its default. */
export async function putOnTerminalPath(context: vscode.ExtensionContext, session: string): Promise<void> {
  const folder = folderOf(context);
  const shim = shimOf(context);
  await writeWhenChanged(join(folder, shim.name), folder, shim.text, shim.mode);
  const variables = context.environmentVariableCollection;
  variables.description = t('Adds the `bgjobs` command to the PATH');
  // Login shells build their PATH anew: the shell integration puts the folder there again.
  const options = { applyAtProcessCreation: true, applyAtShellIntegration: true };
  variables.prepend('PATH', folder + delimiter, options);
  variables.replace('BGJOBS_SESSION', session, options);
}

function folderOf(context: vscode.ExtensionContext): string {
  return join(context.globalStorageUri.fsPath, 'bin');
}

function shimOf(context: vscode.ExtensionContext): Shim {
  return bgjobsShim(process.platform, process.execPath, context.asAbsolutePath(join('dist', 'cli.js')));
}

/** By rename: another window, or a terminal, may be reading it. */
async function writeWhenChanged(path: string, folder: string, text: string, mode: number): Promise<void> {
  const present = await readFile(path, 'utf8').catch(() => null);
  if (present === text) return;
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text, { mode });
  await rename(draft, path);
}
