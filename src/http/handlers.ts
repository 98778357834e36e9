import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import * as z from 'zod';
import { endpoints, type Endpoint, type JobService, type Verb } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';
import { eventsQuery, type EventsQuery, type JobEvent } from '../api/events.ts';
import { metricsQuery } from '../api/host.ts';
import { outputQuery, type Chunk, type OutputQuery } from '../api/output.ts';
import type { StartRequest } from '../api/options.ts';
import { validate } from '../api/validate.ts';
import { LogReader, settleRun, type SettledRun } from '../logs/logReader.ts';
import { OutputText } from '../text/outputText.ts';
import { prometheus } from './metricsText.ts';

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
interface Call extends Context {
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

/** JSON, under the endpoint's own status where none is given. */
interface JsonAnswer {
  readonly status?: number;
  readonly value: object;
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
    if (Array.isArray(body)) return { status: 200, value: await service.startJobs(body as StartRequest[]) };
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
  const methods = service as unknown as Record<Verb, (...args: unknown[]) => Promise<object>>;
  const value = await methods[verb](...args);
  // What was ended early has not seen what it was asked for.
  if (endpoint.abortable) signal.throwIfAborted();
  if (endpoint.changesSettings) settingsChanged();
  return { value };
}

/**
 * A page, or server-sent events (WHATWG HTML §9.2). A browser's EventSource that connects again repeats its first URL
 * and sends the number of the last event in Last-Event-ID, so that wins.
 */
async function answerEvents(call: Call): Promise<JsonAnswer | BodyAnswer> {
  const { service, headers: asked, signal } = call;
  const query = call.query as EventsQuery;
  const { format } = validate(eventsQuery, query);
  if (format === 'json') return { value: await service.getEvents(query) };
  // An unknown job has its status only before the stream has begun. And from a number on nothing is missed: a client
  // that has read the first event gets everything that happens from then on.
  const { next } = await service.getEvents({ ...query, since: undefined });
  const lastEventId = asked['last-event-id'];
  const isNumber = typeof lastEventId === 'string' && /^\d{1,15}$/.test(lastEventId);
  const since = Number(isNumber ? lastEventId : (query.since ?? next));
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };
  const parts = serverSentEvents(since, service.events({ ...query, since }, signal));
  return {
    headers,
    parts,
    failure: (error: BgJobsError) => `event: error\ndata: ${JSON.stringify(error.toBody())}\n\n`,
    settingsNotice: notice('settings', {}),
  };
}

async function* serverSentEvents(since: number, events: AsyncIterable<JobEvent>): AsyncGenerator<string> {
  // With an id, so that a client that loses the connection before anything has happened knows where to go on.
  yield `id: ${since}\n${notice('connected', { since })}`;
  for await (const event of events) {
    yield `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  }
}

/**
 * An event that is no change of a job. Clients up to version 0.2.0 know it by its comment alone, and take any data after
 * a space for a change of a job.
 */
function notice(type: string, data: object): string {
  return `event: ${type}\n: ${type}\ndata:${JSON.stringify(data)}\n\n`;
}

const types = { json: 'application/x-ndjson', text: 'text/plain; charset=utf-8', raw: 'application/octet-stream' };

/** JSON as it is; text and bytes as the body, with cursor and status in headers; a live stream of any of them. */
async function answerOutput(call: Call): Promise<JsonAnswer | BodyAnswer> {
  const { service, id, signal } = call;
  const wanted = call.query as OutputQuery;
  const asked = validate(outputQuery, wanted);
  const { format, follow } = asked;
  if (format === 'json' && !follow) return { value: await service.getOutput(id, wanted) };

  const headers = { 'content-type': types[format], 'cache-control': 'no-store' };
  const settled = format === 'raw' ? await settleRun(service, id, wanted) : undefined;
  const query: OutputQuery = settled ? { ...settled.query, text: 'false' } : wanted;
  const text = new OutputText(asked);
  if (follow) {
    const chunks = service.followOutput(id, query, signal);
    if (settled) return { headers, parts: bytes(service, settled, chunks) };
    if (format === 'text') return { headers, parts: mapped(chunks, (chunk) => text.next([chunk])) };
    const failure = (error: BgJobsError): string => `${JSON.stringify(error.toBody())}\n`;
    return { headers, parts: mapped(chunks, (chunk) => `${JSON.stringify(chunk)}\n`), failure };
  }
  const { chunks, next, more, droppedBytes, status } = await service.getOutput(id, query);
  const cursor = { 'bgjobs-next': next, 'bgjobs-more': String(more), 'bgjobs-dropped-bytes': droppedBytes };
  const parts = settled ? bytes(service, settled, chunks) : mapped([chunks], (page) => text.next(page, droppedBytes));
  return { headers: { ...headers, ...cursor, 'bgjobs-status': status }, parts };
}

async function* mapped<T>(items: Iterable<T> | AsyncIterable<T>, render: (item: T) => string): AsyncGenerator<string> {
  for await (const item of items) yield render(item);
}

async function* bytes(
  service: JobService,
  run: SettledRun,
  chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
): AsyncGenerator<Uint8Array> {
  await using log = new LogReader(service, run);
  for await (const chunk of chunks) {
    for await (const piece of log.read(chunk)) yield piece.bytes;
  }
}

/** JSON, or the text format of Prometheus if `format` or, without it, the Accept header asks for it. */
async function answerMetrics({ service, query, headers }: Call): Promise<JsonAnswer | BodyAnswer> {
  const { format } = validate(metricsQuery, query);
  const metrics = await service.getMetrics();
  const accepted = headers.accept ?? '';
  const wantsText = accepted.includes('text/plain') && !accepted.includes('application/json');
  if ((format ?? (wantsText ? 'prometheus' : 'json')) === 'json') return { value: metrics };
  const type = 'text/plain; version=0.0.4; charset=utf-8';
  return {
    headers: { 'content-type': type, 'cache-control': 'no-store' },
    parts: Readable.from([prometheus(metrics)]),
  };
}

const maxBodyBytes = 8 * 1024 * 1024;

export interface Match {
  readonly verb: Verb;
  /** What stands in the place of `{id}`, `{runId}` or `{name}`; empty where the path has none. */
  readonly id: string;
}

const patterns = (Object.keys(endpoints) as Verb[]).map((verb) => ({
  verb,
  method: endpoints[verb].method,
  segments: endpoints[verb].path.split('/'),
}));

/** @throws BgJobsError `route_not_found` */
export function findEndpoint(method: string, path: string): Match {
  const given = path.split('/');
  for (const { verb, method: wanted, segments } of patterns) {
    if (wanted !== method || segments.length !== given.length) continue;
    if (segments.every((segment, index) => segment.startsWith('{') || segment === given[index])) {
      const place = segments.findIndex((segment) => segment.startsWith('{'));
      return { verb, id: place < 0 ? '' : decode(given[place] ?? '') };
    }
  }
  throw notFound(method, path);
}

export function notFound(method: string, path: string): BgJobsError {
  return new BgJobsError('route_not_found', `No endpoint matches ${method} ${path}.`);
}

/** A request's target, cut at the first question mark. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new BgJobsError('invalid_request', `"${segment}" in the path is not percent-encoded UTF-8.`);
  }
}

/** @throws BgJobsError `invalid_request` for a name that is given twice */
export function parseQuery(text: string): Record<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (query.has(name)) throw new BgJobsError('invalid_request', `${name} is given more than once`);
    query.set(name, value);
  }
  return Object.fromEntries(query);
}

/**
 * @returns the parsed body; an empty one counts as `{}`
 * @throws BgJobsError `payload_too_large`, `invalid_request`
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request);
  const text = body.toString();
  if (text.trim() === '') return {};
  // A web page can make a browser send other types without asking whether it may.
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new BgJobsError('invalid_request', 'Send the body with "Content-Type: application/json".');
  }
  if (!isUtf8(body)) throw new BgJobsError('invalid_request', 'The body is not UTF-8.');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BgJobsError('invalid_request', `The body is not JSON: ${(error as Error).message}`);
  }
}

/** Reads on over the limit, and throws that away: a client that is still writing could not read the answer. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= maxBodyBytes) parts.push(part);
      else parts.length = 0;
    });
    request.on('error', reject);
    request.on('end', () => {
      if (size <= maxBodyBytes) return resolve(Buffer.concat(parts, size));
      const message = `The body has ${size} bytes; at most ${maxBodyBytes} are accepted.`;
      reject(new BgJobsError('payload_too_large', message));
    });
  });
}
