import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { batched } from '../../logs/logReader.ts';
import type { JobService } from '../../api/endpoints.ts';
import { commandLine } from '../../text/grammar.ts';
import { shownEnd } from '../../text/shownOutput.ts';

const template = 'bgjobs://jobs/{id}/output';
const mimeType = 'text/plain';
/** A read returns at least this many characters from the end of the log, if it has as many. */
const usualChars = 16_384;
const listed = 50;

/** The end of each job's log, as a resource that a client can attach and subscribe to. */
export function addOutputResource(server: McpServer, service: JobService): void {
  server.registerResource(
    'job-output',
    new ResourceTemplate(template, {
      async list() {
        const { jobs } = await service.listJobs({ limit: listed });
        return {
          resources: jobs.map((job) => ({
            uri: template.replace('{id}', job.id),
            name: `output-${job.shortId}`,
            title: job.name ?? commandLine(job),
            mimeType,
          })),
        };
      },
      complete: {
        async id(prefix) {
          const { jobs } = await service.listJobs({ limit: listed });
          return jobs.map(({ id }) => id).filter((id) => id.startsWith(prefix));
        },
      },
    }),
    { title: 'Output of a background job', description: 'The end of its log, as it is now', mimeType },
    async (uri, { id }) => {
      const { text } = await shownEnd(service, String(id), {}, { lines: Infinity, chars: usualChars });
      return { contents: [{ uri: uri.href, mimeType, text }] };
    },
  );
}

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
    const id = /^bgjobs:\/\/jobs\/([0-9a-f-]{1,36})\/output$/i.exec(uri)?.[1];
    if (known) known.count++;
    else if (id !== undefined) {
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
    const follow = (stop: AbortSignal) => this.#service.followOutput(id, { since: next, text: 'false' }, stop);
    for await (const chunks of batched(follow, { everyMs, maxBytes: Infinity }, signal)) {
      if (chunks.some(({ length }) => length > 0)) this.#changed(uri);
    }
  }
}

const requestId = z.union([z.string(), z.number()]);
const listen = z.object({
  method: z.literal('subscriptions/listen'),
  id: requestId,
  params: z.object({ notifications: z.object({ resourceSubscriptions: z.array(z.string()).default([]) }) }),
});
const cancelled = z.object({ method: z.literal('notifications/cancelled'), params: z.object({ requestId }) });

/** The resources that a message subscribes to (since revision 2026-07-28 of the protocol); null for other messages. */
export function listenedUris(message: unknown): { id: string | number; uris: string[] } | null {
  const { data } = listen.safeParse(message);
  return data ? { id: data.id, uris: data.params.notifications.resourceSubscriptions } : null;
}

/** The request that a message cancels; null for other messages. */
export function cancelledRequest(message: unknown): string | number | null {
  return cancelled.safeParse(message).data?.params.requestId ?? null;
}
