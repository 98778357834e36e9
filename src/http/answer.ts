import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { BgJobsError } from '../api/errors.ts';
import type { BodyAnswer, JsonAnswer } from './handlers.ts';

/** What a handler answered, and the HTTP status of it. */
export type Answer = (JsonAnswer | BodyAnswer) & { readonly status: number };

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/**
 * Sends parts as fast as the client takes them.
 * @param signal aborted when the client has gone or the host leaves: then the parts end early
 * @param expected makes of any failure the one that the client is told
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
