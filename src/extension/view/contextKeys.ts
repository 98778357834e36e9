import * as vscode from 'vscode';
import type { contextKeys } from '../base/ids.ts';

/** The context keys of when-clauses. Each change is a message to the window, so only changes are sent. */
export class ContextKeys {
  readonly #values = new Map<string, string | boolean>();

  set(key: (typeof contextKeys)[keyof typeof contextKeys], value: string | boolean): void {
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
