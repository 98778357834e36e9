import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type * as vscode from 'vscode';
import { t } from './l10n.ts';
import { bgjobsShim } from './shim.ts';

/** Makes `bgjobs` a command of the editor's terminals, with the window's session as its default. */
export async function putOnTerminalPath(context: vscode.ExtensionContext, session: string): Promise<void> {
  const folder = join(context.globalStorageUri.fsPath, 'bin');
  const shim = bgjobsShim(process.platform, process.execPath, context.asAbsolutePath(join('dist', 'cli.js')));
  await writeWhenChanged(join(folder, shim.name), folder, shim.text, shim.mode);
  const variables = context.environmentVariableCollection;
  variables.description = t('Puts the command `bgjobs` on the PATH');
  // Login shells build their PATH anew: the shell integration puts the folder there again.
  const options = { applyAtProcessCreation: true, applyAtShellIntegration: true };
  variables.prepend('PATH', folder + delimiter, options);
  variables.replace('BGJOBS_SESSION', session, options);
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
