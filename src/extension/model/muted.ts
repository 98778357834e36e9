import { Emitter } from '../base/emitter.ts';
import { storageKeys } from '../base/ids.ts';

/** Muted jobs that are remembered; the oldest have been removed long before. */
const remembered = 500;

/** The storage of this workspace: a `Memento` of the editor. */
interface State {
  get<T>(key: string, otherwise: T): T;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** Jobs of which this workspace does not notify. */
export class Muted {
  readonly #state: State;
  readonly #changed = new Emitter<string>();

  readonly onDidChange = this.#changed.event;

  constructor(state: State) {
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
