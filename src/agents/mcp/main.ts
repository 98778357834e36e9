import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import type { JobService } from '../../api/endpoints.ts';
import { OutputWatch, listenedUris } from './outputWatch.ts';
import { createServer } from './server.ts';

// This file is the bundle that the host and the command line load when a client speaks MCP, and not before.
export { serveMcpOnStdio } from './stdio.ts';

/** The session of jobs whose client names none in its URL. */
const defaultSession = 'mcp';

/**
 * MCP over HTTP (the streamable transport). Every request is independent, so a client outlives the host.
 * `?session=NAME&cwd=/FOLDER` in the URL says where its jobs belong.
 */
export interface McpEndpoint {
  /** @param body parsed; undefined where there is none */
  answer(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void>;
  close(): Promise<void>;
}

export function createMcpEndpoint(service: JobService, onError: (error: Error) => void): McpEndpoint {
  const handler = createMcpHandler(
    // Notifying an older client between its requests would take state per client.
    ({ requestInfo, era }) => createServer(surfaceOf(service, requestInfo), { subscribe: era === 'modern' }),
    { onerror: onError },
  );
  const answer = toNodeHandler(handler, { onerror: onError });
  const watch = new OutputWatch(service, (uri) => handler.notify.resourceUpdated(uri));
  return {
    async answer(request, response, body) {
      const uris = listenedUris(body)?.uris ?? [];
      for (const uri of uris) watch.watch(uri);
      response.once('close', () => {
        for (const uri of uris) watch.unwatch(uri);
      });
      await answer(asRequest(request), response, body);
    },
    async close() {
      watch.dispose();
      await handler.close();
    },
  };
}

function surfaceOf(service: JobService, request: Request | undefined) {
  const query = new URL(request?.url ?? 'http://localhost').searchParams;
  const cwd = query.get('cwd');
  return {
    service,
    session: query.get('session')?.trim() || defaultSession,
    cwd: cwd === null ? null : resolve(cwd),
    start: {},
  };
}

/** The part of a request that the SDK reads, fully typed. */
function asRequest(request: IncomingMessage): Parameters<ReturnType<typeof toNodeHandler>>[0] {
  const { method = 'GET', url = '/', headers } = request;
  return { method, url, headers, [Symbol.asyncIterator]: () => request[Symbol.asyncIterator]() };
}
