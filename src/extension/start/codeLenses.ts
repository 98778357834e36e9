import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { codeLensSettings } from '../base/settings.ts';
import { runMarks } from './runMarks.ts';

/** The lenses of a file: above each script that it names, or above the beginning of a script that it is. */
export function codeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
  const enabled = codeLensSettings();
  const title = t('$(play) Run in Background');
  return runMarks(document)
    .filter(({ of }) => (of === 'script' ? enabled.scripts : enabled.files))
    .map(({ line, command, arguments: args }) => {
      return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command, arguments: args });
    });
}
