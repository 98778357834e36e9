import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JobService } from '../api/endpoints.ts';
import { mcpBundle, packageVersion } from '../bundles.ts';
import { notFound, readJsonBody, type Context } from './handlers.ts';
import { sendJson } from './sendJson.ts';

/** Answers by itself. What it throws before it has begun is answered like any error. */
export type PathHandler = (request: IncomingMessage, response: ServerResponse, context: Context) => Promise<void>;

/** What is served besides the endpoints, to clients that have the token. */
export const otherPaths: ReadonlyMap<string, PathHandler> = new Map([
  ['/openapi.json', sendOpenApiDocument],
  ['/mcp', answerMcp],
]);

/** Built anew each time: it is seldom asked for, and a host at rest should not hold it. */
async function sendOpenApiDocument(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET') throw notFound(request.method ?? '', '/openapi.json');
  const { openApiDocument } = await import('./openApi.ts');
  sendJson(response, 200, openApiDocument(packageVersion()));
}

/** The part of `agents/mcp/main.ts` that is used here. */
export interface McpOverHttp {
  createMcpEndpoint: (
    service: JobService,
    onError: (error: Error) => void,
  ) => Promise<{ answer(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void> }>;
}

/** One for each service that is served: it knows the subscriptions. */
const mcpEndpoints = new WeakMap<JobService, ReturnType<McpOverHttp['createMcpEndpoint']>>();

/** MCP over HTTP, loaded when the first client speaks it. */
async function answerMcp(request: IncomingMessage, response: ServerResponse, { service }: Context): Promise<void> {
  const body = request.method === 'POST' ? await readJsonBody(request) : undefined;
  let endpoint = mcpEndpoints.get(service);
  if (!endpoint) {
    endpoint = (import(mcpBundle()) as Promise<McpOverHttp>).then(({ createMcpEndpoint }) => {
      // The client is told what is wrong with its request; nobody else needs to know.
      return createMcpEndpoint(service, () => undefined);
    });
    mcpEndpoints.set(service, endpoint);
  }
  await (await endpoint).answer(request, response, body);
}
