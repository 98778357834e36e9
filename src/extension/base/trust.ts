import * as vscode from 'vscode';
import { t } from './l10n.ts';

/** Nothing starts in a workspace that is not trusted. @returns whether it is, having said so when it is not */
export async function requireTrust(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = t('Manage Workspace Trust');
  const text = t(
    'This workspace is not trusted: jobs are listed and can be stopped, but none is started or given input.',
  );
  if ((await vscode.window.showWarningMessage(text, manage)) === manage) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  }
  return vscode.workspace.isTrusted;
}
