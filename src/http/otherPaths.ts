import type { IncomingMessage, ServerResponse } from 'node:http';
import { packageVersion } from '../bundles.ts';
import { sendJson } from './answer.ts';
import type { Context } from './dispatch.ts';
import { answerMcp } from './mcpAnswer.ts';
import { notFound } from './router.ts';

/** Answers by itself. What it throws before it has begun is told as any error. */
export type PathHandler = (request: IncomingMessage, response: ServerResponse, context: Context) => Promise<void>;

/** What is served besides the routes. Whoever asks has given the token. */
export const otherPaths: ReadonlyMap<string, PathHandler> = new Map([
  ['/openapi.json', sendOpenApiDocument],
  ['/mcp', answerMcp],
]);

/** Made anew each time: it is seldom asked for, and a host at rest should not hold it. */
async function sendOpenApiDocument(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET') throw notFound(request.method ?? '', '/openapi.json');
  const { openApiDocument } = await import('./openApiDocument.ts');
  sendJson(response, 200, openApiDocument(packageVersion()));
}
