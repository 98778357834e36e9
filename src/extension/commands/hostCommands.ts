import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { homeFiles } from '../../dataDir/dataDir.ts';
import { t } from '../base/l10n.ts';
import type { Handler } from './app.ts';

export const retry: Handler = (app) => app.connection.need();

export const showHostLog: Handler = async (app) => {
  const { log, output } = homeFiles(app.home);
  // A host that could not start has said so where processes print.
  const file = [log, output].find((path) => existsSync(path));
  if (file === undefined) void vscode.window.showInformationMessage(t('The job host has written no log yet.'));
  else await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
};
