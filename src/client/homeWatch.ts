import { watch, type FSWatcher } from 'node:fs';

/**
 * Waits for changes of a file in a folder that may not exist yet. A watcher may miss some changes and report others that
 * did not happen, so every wait has a timeout.
 */
export class HomeWatch {
  readonly #folder: string;
  readonly #file: string;
  #watcher: FSWatcher | undefined;
  #noticed = false;
  #wake: (() => void) | undefined;

  constructor(folder: string, file: string) {
    this.#folder = folder;
    this.#file = file;
    this.#watch();
  }

  /** Counts as a change. */
  readonly notice = (): void => {
    this.#noticed = true;
    this.#wake?.();
  };

  /** Resolves with the next change, or the first one since the last call, or after `longestMs`. */
  async change(longestMs: number): Promise<void> {
    if (!this.#watcher) this.#watch();
    if (!this.#noticed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, longestMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#noticed = false;
  }

  dispose(): void {
    this.#watcher?.close();
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#folder, (_event, name) => {
        if (name === null || name === this.#file) this.notice();
      });
      this.#watcher.on('error', () => undefined);
    } catch {
      // No such folder yet, or the system has no watchers left.
    }
  }
}
