import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import type { JobService } from '../../api/endpoints.ts';
import { OutputWatch, listenedUris } from './outputResource.ts';
import { createServer, type Surface } from './server.ts';

/**
 * MCP over HTTP (the streamable transport). Every request is independent, so a client outlives the host.
 * `?session=NAME&cwd=/FOLDER` in the URL says where its jobs belong.
 */
export function endpointOf(service: JobService, onError: (error: Error) => void) {
  const handler = createMcpHandler(
    // Notifying an older client between its requests would take state per client.
    ({ requestInfo, era }) => createServer(surfaceOf(service, requestInfo), { subscribe: era === 'modern' }),
    { onerror: onError },
  );
  const answer = toNodeHandler(handler, { onerror: onError });
  const watch = new OutputWatch(service, (uri) => handler.notify.resourceUpdated(uri));
  return {
    /** @param body parsed; undefined where there is none */
    async answer(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void> {
      const uris = listenedUris(body)?.uris ?? [];
      for (const uri of uris) watch.watch(uri);
      response.once('close', () => {
        for (const uri of uris) watch.unwatch(uri);
      });
      const { method = 'GET', url = '/', headers } = request;
      // The part of a request that the SDK reads, fully typed.
      const typed = { method, url, headers, [Symbol.asyncIterator]: () => request[Symbol.asyncIterator]() };
      await answer(typed, response, body);
    },
  };
}

function surfaceOf(service: JobService, request: Request | undefined): Surface {
  const query = new URL(request?.url ?? 'http://localhost').searchParams;
  const cwd = query.get('cwd');
  const session = query.get('session')?.trim() || 'mcp';
  return { service, session, cwd: cwd === null ? null : resolve(cwd) };
}
