import type { JobService } from '../../api/endpoints.ts';
import type { Chunk } from '../../api/output.ts';
import { batched } from '../../logs/batched.ts';
import { jobIdOf } from './outputResource.ts';
import * as z from 'zod';

/** The least time between two notifications (milliseconds): a client that hears of every line would do nothing else. */
const everyMs = 500;

/** Notifies of new output for as long as there are subscriptions to it. */
export class OutputWatch {
  readonly #service: JobService;
  readonly #changed: (uri: string) => void;
  /** By URI: the number of subscriptions, and what ends the watching. */
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
      // An output that can no longer be followed has no news.
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
    const follow = (stop: AbortSignal): AsyncIterable<Chunk> =>
      this.#service.followOutput(id, { since: next, text: 'false' }, stop);
    const limits = { everyMs, maxBytes: Infinity };
    for await (const chunks of batched(follow, limits, signal)) {
      if (chunks.some(({ length }) => length > 0)) this.#changed(uri);
    }
  }
}

const listen = z.object({
  method: z.literal('subscriptions/listen'),
  id: z.union([z.string(), z.number()]),
  params: z.object({ notifications: z.object({ resourceSubscriptions: z.array(z.string()).optional() }) }),
});

const cancelled = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

/** The resources that a message subscribes to (since revision 2026-07-28 of the protocol); null for other messages. */
export function listenedUris(message: unknown): { id: string | number; uris: string[] } | null {
  const { success, data } = listen.safeParse(message);
  return success ? { id: data.id, uris: data.params.notifications.resourceSubscriptions ?? [] } : null;
}

/** The request that a message cancels; null for other messages. */
export function cancelledRequest(message: unknown): string | number | null {
  const { success, data } = cancelled.safeParse(message);
  return success ? data.params.requestId : null;
}
