import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import { commands, type CommandId } from './ids.ts';
import { t } from './l10n.ts';
import { withoutLinks } from './readableText.ts';

/** Says why a command failed, with the buttons that may help. A bug is passed on to the editor. */
export function tellFailure(error: unknown, command: CommandId, args: unknown[]): void {
  if (!(error instanceof BgJobsError)) throw error;
  const buttons = new Map<string, () => unknown>();
  if (error.code === 'host_unreachable') {
    buttons.set(t('Retry'), () => vscode.commands.executeCommand(command, ...args));
    buttons.set(t('Run Diagnostics'), () => vscode.commands.executeCommand(commands.doctor));
    buttons.set(t('Show Log'), () => vscode.commands.executeCommand(commands.showHostLog));
  }
  void vscode.window.showErrorMessage(withoutLinks(error.message), ...buttons.keys()).then((choice) => {
    if (choice !== undefined) buttons.get(choice)?.();
  });
}
