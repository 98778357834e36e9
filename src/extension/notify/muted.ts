import type * as vscode from 'vscode';
import { Emitter } from '../base/emitter.ts';
import { storageKeys } from '../base/ids.ts';

/** Muted jobs that are remembered; the oldest have been removed long before. */
const remembered = 500;

/** Jobs of which this workspace does not notify. */
export class Muted {
  readonly #state: vscode.Memento;
  readonly #changed = new Emitter<string>();

  readonly onDidChange = this.#changed.event;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  has(jobId: string): boolean {
    return this.#ids().includes(jobId);
  }

  async set(jobId: string, muted: boolean): Promise<void> {
    const others = this.#ids().filter((id) => id !== jobId);
    await this.#state.update(storageKeys.muted, muted ? [...others, jobId].slice(-remembered) : others);
    this.#changed.fire(jobId);
  }

  #ids(): string[] {
    return this.#state.get<string[]>(storageKeys.muted, []);
  }
}
