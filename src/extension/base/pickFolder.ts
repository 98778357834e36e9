import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { t } from './l10n.ts';

/** The folder of a new job: the only one, the one that the user picks, or the home folder when there is none. */
export async function pickFolder(): Promise<string | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length <= 1) return folders[0]?.uri.fsPath ?? homedir();
  const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder: t('Select the folder to run in') });
  return picked?.uri.fsPath;
}
