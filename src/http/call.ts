import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { JobService } from '../api/endpoints.ts';
import type { BgJobsError } from '../api/errors.ts';

/** What every request is answered with. */
export interface Context {
  readonly service: JobService;
  /** Aborted when the client goes away, and when the host leaves. */
  readonly signal: AbortSignal;
  readonly stopHost: () => void;
  /** To be called after the settings may have changed, pauses and limits among them: followers of events are notified. */
  readonly settingsChanged: () => void;
}

/** A request to an endpoint, decoded. The service validates what it is given. */
export interface Call extends Context {
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

/** JSON, under the endpoint's own status where none is given. */
export interface JsonAnswer {
  readonly status?: number;
  readonly value: unknown;
}

/** Anything else. Status and headers go out with the first part, so that a failure before it still has its status. */
export interface BodyAnswer {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly parts: AsyncIterable<string | Uint8Array>;
  /** The last part after a failure; where there is no way to report it, the connection is cut. */
  readonly failure?: (error: BgJobsError) => string;
  /** What goes out between two parts when the settings have changed. */
  readonly settingsNotice?: string;
}

/** An answer with its HTTP status. */
export type Answer = (JsonAnswer | BodyAnswer) & { readonly status: number };

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/**
 * Sends parts as fast as the client takes them.
 * @param signal aborted when the client has gone or the host leaves: then the parts end early
 * @param expected turns any failure into the one that the client is told
 */
export async function sendParts(
  response: ServerResponse,
  { status, headers, parts, failure }: BodyAnswer & { readonly status: number },
  signal: AbortSignal,
  expected: (error: unknown) => BgJobsError,
): Promise<void> {
  const iterator = parts[Symbol.asyncIterator]();
  try {
    let part = await iterator.next();
    signal.throwIfAborted();
    response.writeHead(status, headers);
    while (!part.done) {
      if (!response.write(part.value)) await once(response, 'drain', { signal });
      part = await iterator.next();
      signal.throwIfAborted();
    }
    response.end();
  } catch (error) {
    if (!response.headersSent) throw error;
    if (failure && !response.destroyed) response.end(failure(expected(error)));
    else response.destroy();
  } finally {
    await iterator.return?.();
  }
}
