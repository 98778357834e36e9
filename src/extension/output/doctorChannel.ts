import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';

/** Where the doctor's report is shown: one channel, made with the first report. */
export class DoctorChannel implements vscode.Disposable {
  #channel: vscode.OutputChannel | undefined;

  show(text: string): void {
    this.#channel ??= vscode.window.createOutputChannel(t('Background Jobs: Diagnostics'));
    this.#channel.replace(text);
    this.#channel.show(true);
  }

  dispose(): void {
    this.#channel?.dispose();
  }
}
