import type { IncomingMessage, ServerResponse } from 'node:http';
import { mcpBundle } from '../bundles.ts';
import type * as Mcp from '../agents/mcp/main.ts';
import type { JobService } from '../api/endpoints.ts';
import type { Context } from './dispatch.ts';
import { readJsonBody } from './requestBody.ts';

/** One for each service that is served: it knows who has subscribed to what. */
const endpoints = new WeakMap<JobService, Promise<Mcp.McpEndpoint>>();

/** MCP over HTTP, loaded when the first client speaks it. */
export async function answerMcp(
  request: IncomingMessage,
  response: ServerResponse,
  { service }: Context,
): Promise<void> {
  const body = request.method === 'POST' ? await readJsonBody(request) : undefined;
  let endpoint = endpoints.get(service);
  if (!endpoint) {
    endpoint = load().then(({ createMcpEndpoint }) => createMcpEndpoint(service, ignore));
    endpoints.set(service, endpoint);
  }
  await (await endpoint).answer(request, response, body);
}

async function load(): Promise<typeof Mcp> {
  return (await import(mcpBundle)) as typeof Mcp;
}

/** The client is told what is wrong with its request; nobody else needs to know. */
function ignore(): void {}
