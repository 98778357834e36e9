import type { Disposable } from '../base/emitter.ts';
import type { ModelChange } from '../model/jobModel.ts';

/** Batches changes: a queue that starts hundreds of jobs a second is redrawn ten times a second. */
export class PendingChange implements Disposable {
  readonly #deliver: (change: ModelChange) => void;
  readonly #delayMs: number;
  #all = false;
  #sessions = new Set<string>();
  #jobs = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(deliver: (change: ModelChange) => void, delayMs = 100) {
    this.#deliver = deliver;
    this.#delayMs = delayMs;
  }

  add(change: ModelChange): void {
    this.#all ||= change.all;
    for (const session of change.sessions) this.#sessions.add(session);
    for (const job of change.jobs) this.#jobs.add(job);
    this.#timer ??= setTimeout(() => this.#flush(), this.#delayMs);
  }

  dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  #flush(): void {
    const change = { all: this.#all, sessions: this.#sessions, jobs: this.#jobs };
    this.#all = false;
    this.#sessions = new Set();
    this.#jobs = new Set();
    this.#timer = null;
    this.#deliver(change);
  }
}
