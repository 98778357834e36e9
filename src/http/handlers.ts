import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { type Endpoint, endpoints, type Verb } from '../api/endpoints.ts';
import type { StartRequest } from '../api/start.ts';
import { validate } from '../api/validate.ts';
import type { Answer, BodyAnswer, Call, Context, JsonAnswer } from './call.ts';
import { answerEvents } from './eventAnswer.ts';
import { answerMetrics } from './metricsAnswer.ts';
import { answerOutput } from './outputAnswer.ts';
import { findEndpoint, parseQuery, readJsonBody, splitTarget } from './request.ts';

type Handler = (call: Call) => Promise<JsonAnswer | BodyAnswer>;

/** For a part of a request that its endpoint does not have: it may be empty, anything in it is a mistake. */
const nothing = z.strictObject({});

/** Decodes a request and answers it. @throws BgJobsError and whatever the service throws */
export async function dispatch(request: IncomingMessage, context: Context): Promise<Answer> {
  const target = splitTarget(request.url ?? '');
  const { verb, id } = findEndpoint(request.method ?? '', target.path);
  const endpoint: Endpoint = endpoints[verb];
  const query = parseQuery(target.query);
  if (!endpoint.query) validate(nothing, query);
  const body = endpoint.method === 'GET' ? undefined : await readJsonBody(request);
  if (!endpoint.body && body !== undefined) validate(nothing, body);
  const { status = 200 } = endpoint;
  const call = { ...context, id, query, body, headers: request.headers };
  return { status, ...(await (handlers[verb]?.(call) ?? callService(verb, endpoint, call))) };
}

/** The verbs that are more than a call of the service's method. */
const handlers: Readonly<Partial<Record<Verb, Handler>>> = {
  stopHost({ stopHost }) {
    stopHost();
    return Promise.resolve({ value: { stopping: true } });
  },
  async startJob({ service, body }) {
    const { job, created } = await service.startJob(body as StartRequest);
    return created ? { value: job } : { status: 200, value: job };
  },
  getOutput: answerOutput,
  getMetrics: answerMetrics,
  getEvents: answerEvents,
};

/** The arguments are in the order of the table: see JobService. */
async function callService(verb: Verb, endpoint: Endpoint, call: Call): Promise<JsonAnswer> {
  const { service, id, signal, settingsChanged } = call;
  const args = [
    ...(endpoint.path.includes('{') ? [id] : []),
    ...(endpoint.query ? [call.query] : []),
    ...(endpoint.body ? [call.body] : []),
    ...(endpoint.abortable ? [signal] : []),
  ];
  const methods = service as unknown as Record<Verb, (...args: unknown[]) => Promise<unknown>>;
  const value = await methods[verb](...args);
  // What was ended early has not seen what it was asked for.
  if (endpoint.abortable) signal.throwIfAborted();
  if (endpoint.changesSettings) settingsChanged();
  return { value };
}
