import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import * as z from 'zod';
import { endpoints, type Endpoint, type JobService, type Verb } from '../api/endpoints.ts';
import type { BgJobsError } from '../api/errors.ts';
import { eventsQuery, type EventsQuery, type JobEvent } from '../api/events.ts';
import { metricsQuery, type Metrics } from '../api/host.ts';
import { outputQuery, type Chunk, type OutputQuery } from '../api/output.ts';
import type { StartRequest } from '../api/options.ts';
import { validate } from '../api/validate.ts';
import { LogReader, settleRun, type SettledRun } from '../logs/logReader.ts';
import { OutputText } from '../text/outputText.ts';
import {
  findEndpoint,
  parseQuery,
  readJsonBody,
  splitTarget,
  type Answer,
  type BodyAnswer,
  type Call,
  type Context,
  type JsonAnswer,
} from './request.ts';

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

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [Labels, number];

/** The text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). All are gauges, because the number of jobs can also decrease. */
function prometheus(metrics: Metrics): string {
  const { byStatus, bySession, concurrency, averageExecutionTime: average, systemLoad } = metrics;
  const sessions = Object.entries(bySession).flatMap(([session, { running, waiting, finished }]) =>
    Object.entries({ running, waiting, finished }).map(([state, count]): Sample => [{ session, state }, count]),
  );
  const loads = systemLoad.average.map((load, index): Sample => [{ minutes: ['1', '5', '15'][index] ?? '' }, load]);
  return [
    gauge(
      'jobs',
      'Jobs in the store.',
      Object.entries(byStatus).map(([status, count]) => [{ status }, count]),
    ),
    gauge('session_jobs', 'Jobs in the store, of a session.', sessions),
    gauge('queued_jobs', 'Jobs that wait for a place.', metrics.queueSize),
    gauge('concurrent_jobs', 'Jobs that hold a place.', concurrency.current),
    gauge('concurrent_jobs_limit', 'Places; 0: any number.', concurrency.maximum),
    gauge('execution_time_average_seconds', 'How long the finished jobs ran.', average === null ? [] : average / 1000),
    gauge('system_load_average', 'Load of the machine.', loads),
    gauge('system_cpus', 'CPUs of the machine.', systemLoad.cpus),
    gauge('system_memory_free_bytes', 'Free memory of the machine.', systemLoad.freeMemoryBytes),
    gauge('system_memory_total_bytes', 'Memory of the machine.', systemLoad.totalMemoryBytes),
  ].join('');
}

/** @param samples a number: the only one, without labels */
function gauge(name: string, help: string, samples: number | readonly Sample[]): string {
  const all = typeof samples === 'number' ? [[{}, samples] as const] : samples;
  const lines = all.map(([labels, value]) => `bgjobs_${name}${labelled(labels)} ${value}\n`);
  return `# HELP bgjobs_${name} ${help}\n# TYPE bgjobs_${name} gauge\n${lines.join('')}`;
}

function labelled(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
