import { setTimeout as pause } from 'node:timers/promises';
import type { JobService } from '../../api/endpoints.ts';
import { jobIdOf } from './outputResource.ts';

/** A client that is told of every line of a fast job would do nothing else. */
const quietMs = 500;

/** Tells of output that comes, for as long as somebody has subscribed to it. */
export class OutputWatch {
  readonly #service: JobService;
  readonly #changed: (uri: string) => void;
  /** By URI: how many want to know, and what ends the watching. */
  readonly #watched = new Map<string, { count: number; ended: AbortController }>();

  constructor(service: JobService, changed: (uri: string) => void) {
    this.#service = service;
    this.#changed = changed;
  }

  watch(uri: string): void {
    const known = this.#watched.get(uri);
    const id = jobIdOf(uri);
    if (known) known.count++;
    else if (id !== null) {
      const ended = new AbortController();
      this.#watched.set(uri, { count: 1, ended });
      // What cannot be followed any more has no news.
      this.#follow(uri, id, ended.signal).catch(() => undefined);
    }
  }

  unwatch(uri: string): void {
    const known = this.#watched.get(uri);
    if (!known || --known.count > 0) return;
    known.ended.abort();
    this.#watched.delete(uri);
  }

  dispose(): void {
    for (const { ended } of this.#watched.values()) ended.abort();
    this.#watched.clear();
  }

  async #follow(uri: string, id: string, signal: AbortSignal): Promise<void> {
    const { next } = await this.#service.getOutput(id, { tail: 0, text: 'false' });
    let quietUntil = 0;
    let late: Promise<void> | undefined;
    for await (const { length } of this.#service.followOutput(id, { since: next, text: 'false' }, signal)) {
      if (length === 0) continue;
      const wait = quietUntil - Date.now();
      if (wait <= 0) {
        quietUntil = Date.now() + quietMs;
        this.#changed(uri);
      } else {
        late ??= pause(wait, undefined, { signal })
          .then(() => {
            late = undefined;
            quietUntil = Date.now() + quietMs;
            this.#changed(uri);
          })
          .catch(() => undefined); // nobody wants to know any more
      }
    }
    await late;
  }
}
