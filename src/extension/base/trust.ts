import * as vscode from 'vscode';
import { t } from './l10n.ts';

/** Warns when the workspace is not trusted, because nothing starts there. @returns whether it is trusted */
export async function requireTrust(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = t('Manage Workspace Trust');
  const text = t('In Restricted Mode, you can view and stop jobs but not start them or send them input.');
  if ((await vscode.window.showWarningMessage(text, manage)) === manage) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  }
  return vscode.workspace.isTrusted;
}
