import { execFile } from 'node:child_process';
import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { desktopNotifications } from '../base/settings.ts';
import { desktopCommand } from '../../text/desktopCommand.ts';

let hasWarned = false;

/**
 * Shows a notification of the operating system if the window is not focused and the user has asked for it. Extensions
 * cannot use those of the editor. In a remote window they appear on the other machine.
 */
export function notifyDesktop(text: string, hasFailed: boolean): void {
  const wanted = desktopNotifications();
  if (wanted === 'off' || vscode.window.state.focused) return;
  const options = { title: t('Background Jobs'), hasFailed, sound: wanted === 'sound' };
  const command = desktopCommand(process.platform, text, options);
  if (!command) return;
  const [program, ...args] = command;
  execFile(program, args, (error) => {
    if (!error || hasWarned) return;
    hasWarned = true;
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? t('{0} is not installed', program) : (error.message.split('\n')[0] ?? '');
    void vscode.window.showWarningMessage(t("Can't show desktop notifications: {0}.", reason));
  });
}
