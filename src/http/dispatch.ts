import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { type Route, routes } from '../api/routes.ts';
import { validate } from '../api/validate.ts';
import type { Answer } from './answer.ts';
import { handlers, type BodyAnswer, type Call, type JsonAnswer } from './handlers.ts';
import { readJsonBody } from './requestBody.ts';
import { findRoute, parseQuery, splitTarget } from './router.ts';

export type Context = Pick<Call, 'service' | 'signal' | 'stopHost' | 'settingsChanged'>;

/** For a part of the request that the route knows nothing of: it may be empty, anything in it is a mistake. */
const nothing = z.strictObject({});

/** From a request to the answer of its route's handler. @throws BgJobsError and whatever the service throws */
export async function dispatch(request: IncomingMessage, context: Context): Promise<Answer> {
  const target = splitTarget(request.url ?? '');
  const { name, id } = findRoute(request.method ?? '', target.path);
  const route: Route = routes[name];

  const query = parseQuery(target.query);
  validate(route.query ?? nothing, query);
  const body = route.method === 'GET' ? {} : await readJsonBody(request);
  validate(route.body ?? nothing, body);

  // The route's own schemas have just said that query and body are what its handler takes.
  const handler = handlers[name] as (call: unknown) => Promise<JsonAnswer | BodyAnswer>;
  const { headers } = request;
  return { status: route.status ?? 200, ...(await handler({ ...context, id, query, body, headers })) };
}
