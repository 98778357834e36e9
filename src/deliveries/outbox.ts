import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import type { Message } from './message.ts';

/** A message that has not been delivered yet. Times in milliseconds since the epoch. */
export interface Pending {
  readonly message: Message;
  attempts: number;
  dueAt: number;
}

const stored = z.object({
  cursor: z.int().min(0),
  pending: z.array(
    z.object({
      message: z.looseObject({ id: z.string(), hook: z.string() }),
      attempts: z.int().min(0),
      dueAt: z.number(),
    }),
  ),
  matched: z.array(z.string()),
});

/**
 * What is still to be delivered, in a file that is replaced whole: whoever is killed in between delivers it after the next
 * start. A message may so arrive twice, but none is lost.
 */
export class Outbox {
  readonly #path: string;
  /** Events up to this number have been looked at. */
  cursor: number;
  pending: Pending[] = [];
  /** Which patterns have been told already: hook and run. */
  matched = new Set<string>();

  /** @param newest number of the newest event: where a new outbox begins @param warn what was wrong with an old one */
  constructor(path: string, newest: number, warn: (message: string) => void) {
    this.#path = path;
    this.cursor = newest;
    try {
      const found = stored.parse(JSON.parse(readFileSync(path, 'utf8')));
      this.pending = found.pending as unknown as Pending[];
      this.matched = new Set(found.matched);
      // Of a store that was set aside, or restored from a copy.
      this.cursor = Math.min(found.cursor, newest);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      warn(`${path} could not be read: messages of hooks that were not delivered yet are lost.`);
    }
  }

  /** @throws Error if the file cannot be written */
  save(): void {
    const { cursor, pending, matched } = this;
    const draft = `${this.#path}.new`;
    writeFileSync(draft, JSON.stringify({ cursor, pending, matched: [...matched] }), { mode: 0o600 });
    renameSync(draft, this.#path);
  }
}
