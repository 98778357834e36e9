import * as vscode from 'vscode';
import type { Connection } from './hostConnection.ts';
import { commands, storageKeys } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { explicitHostSettings, onDidChangeSettings } from '../base/settings.ts';

/** Maximum number of warnings that are remembered as shown. */
const remembered = 50;

/** On each connection to a host, sends it the user's settings and shows its warnings. */
export function greetHosts(connection: Connection, told: vscode.Memento): vscode.Disposable {
  const greeting = connection.onDidChange((state) => {
    if (state.type !== 'connected') return;
    void push(connection, () => false);
    void tellWarnings(state.host.warnings, told);
  });
  const settings = onDidChangeSettings((changed) => void push(connection, changed));
  return vscode.Disposable.from(greeting, settings);
}

async function push(connection: Connection, changed: Parameters<typeof explicitHostSettings>[0]): Promise<void> {
  const update = explicitHostSettings(changed);
  if (Object.keys(update).length === 0) return;
  try {
    await connection.service?.updateHost(update);
  } catch (error) {
    void vscode.window.showErrorMessage(t("The job host didn't accept the settings: {0}", (error as Error).message));
  }
}

/** Shows each warning once, in the first window that gets it. */
async function tellWarnings(warnings: readonly string[], told: vscode.Memento): Promise<void> {
  const before = told.get<string[]>(storageKeys.warnings, []);
  const fresh = warnings.filter((warning) => !before.includes(warning));
  if (fresh.length === 0) return;
  await told.update(storageKeys.warnings, [...before, ...fresh].slice(-remembered));
  const showLog = t('Show Log');
  for (const warning of fresh) {
    void vscode.window.showWarningMessage(warning, showLog).then((choice) => {
      if (choice === showLog) void vscode.commands.executeCommand(commands.showHostLog);
    });
  }
}
