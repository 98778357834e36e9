import { isUtf8 } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { endpoints, type JobService, type Verb } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';

const maxBodyBytes = 8 * 1024 * 1024;

export interface Match {
  readonly verb: Verb;
  /** What stands in the place of `{id}` or `{runId}`; empty where the path has neither. */
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

/**
 * Admits clients that have the token, unless a web page made the browser send the request. A page of another site is
 * recognized by its Origin, one whose name was made to point at this machine (DNS rebinding) by its Host.
 * @throws BgJobsError `forbidden_origin`, `unauthorized`
 */
export function admit(request: IncomingMessage, token: string): void {
  const [host = '', ...otherHosts] = request.headersDistinct['host'] ?? [];
  if (otherHosts.length > 0 || !isOurName(host.toLowerCase(), request.socket.localPort)) {
    throw forbidden(`This server does not answer for "${host}". Use localhost${portOf(request)}.`);
  }
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`)
    throw forbidden(`Web pages of "${origin}" may not use this API.`);
  if (!isToken(request.headers.authorization ?? '', token)) {
    const hint = 'The token is in host.json and in the output of `bgjobs serve`.';
    throw new BgJobsError('unauthorized', `Send "Authorization: Bearer <token>". ${hint}`);
  }
}

/** @param port undefined for a Unix socket or a pipe, which has no name of its own */
function isOurName(host: string, port: number | undefined): boolean {
  if (port === undefined) return host === '' || host === 'localhost';
  const name = host.endsWith(`:${port}`) ? host.slice(0, -`:${port}`.length) : port === 80 ? host : '';
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

function portOf({ socket: { localPort } }: IncomingMessage): string {
  return localPort === undefined ? '' : `:${localPort}`;
}

/** Takes as long for a nearly right token as for a wrong one. */
function isToken(authorization: string, token: string): boolean {
  const [given, expected] = [Buffer.from(authorization), Buffer.from(`Bearer ${token}`)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function forbidden(message: string): BgJobsError {
  return new BgJobsError('forbidden_origin', message);
}

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
export interface Call extends Context {
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

/** JSON, under the endpoint's own status where none is given. */
export interface JsonAnswer {
  readonly status?: number;
  readonly value: unknown;
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

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/**
 * Sends parts as fast as the client takes them.
 * @param signal aborted when the client has gone or the host leaves: then the parts end early
 * @param expected turns any failure into the one that the client is told
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
