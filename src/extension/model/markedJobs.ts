import { Emitter } from '../base/emitter.ts';
import { storageKeys } from '../base/ids.ts';

/** Marked jobs that are remembered; the oldest have been removed long before. */
const remembered = 500;

/** The storage of this workspace: a `Memento` of the editor. */
export interface State {
  get<T>(key: string, otherwise: T): T;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** Jobs that this workspace has marked; the marks stay when the window is reloaded. */
export class MarkedJobs {
  readonly #state: State;
  readonly #key: string;
  readonly #changed = new Emitter<string>();

  /** With the job's id. */
  readonly onDidChange = this.#changed.event;

  constructor(state: State, key: string) {
    this.#state = state;
    this.#key = key;
  }

  has(jobId: string): boolean {
    return this.ids().includes(jobId);
  }

  async set(jobId: string, marked: boolean): Promise<void> {
    const others = this.ids().filter((id) => id !== jobId);
    await this.#state.update(this.#key, marked ? [...others, jobId].slice(-remembered) : others);
    this.#changed.fire(jobId);
  }

  ids(): string[] {
    return this.#state.get<string[]>(this.#key, []);
  }
}

/** Which jobs this workspace does not notify about, and which ones it was asked to notify about. */
export interface Marks {
  readonly muted: MarkedJobs;
  readonly wanted: MarkedJobs;
}

export function createMarks(state: State): Marks {
  return { muted: new MarkedJobs(state, storageKeys.muted), wanted: new MarkedJobs(state, storageKeys.notify) };
}
