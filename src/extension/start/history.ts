import type * as vscode from 'vscode';
import { storageKeys } from '../base/ids.ts';

const remembered = 50;

export interface PastCommand {
  command: string;
  cwd: string;
}

/** What was typed in this workspace, newest first. */
export class History {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  list(): PastCommand[] {
    return this.#state.get<PastCommand[]>(storageKeys.history, []);
  }

  async add(past: PastCommand): Promise<void> {
    const others = this.list().filter(({ command, cwd }) => command !== past.command || cwd !== past.cwd);
    await this.#state.update(storageKeys.history, [past, ...others].slice(0, remembered));
  }
}
