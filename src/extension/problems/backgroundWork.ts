import type { BackgroundConfig } from './matcherConfig.ts';

export interface BackgroundEvents {
  /** Work begins: what was found before is out of date. */
  began: () => void;
  /** All work is done, for now. */
  done: () => void;
}

/** Hears from a program's output when it works and when it rests. */
export class BackgroundWork {
  readonly #parts: { begins: RegExp | null; ends: RegExp | null; isActive: boolean }[];
  readonly #events: BackgroundEvents;

  /** @throws SyntaxError for an expression that is none */
  constructor(configs: readonly BackgroundConfig[], events: BackgroundEvents) {
    this.#events = events;
    this.#parts = configs.map(({ activeOnStart, beginsPattern, endsPattern }) => ({
      begins: beginsPattern === undefined ? null : new RegExp(beginsPattern),
      ends: endsPattern === undefined ? null : new RegExp(endsPattern),
      isActive: activeOnStart,
    }));
  }

  push(line: string): void {
    for (const part of this.#parts) {
      if (part.begins?.test(line)) {
        part.isActive = true;
        this.#events.began();
      } else if (part.isActive && part.ends?.test(line)) {
        part.isActive = false;
        if (!this.#parts.some(({ isActive }) => isActive)) this.#events.done();
      }
    }
  }
}
