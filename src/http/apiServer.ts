import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { STATUS_CODES, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { JobService } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';
import type { Log } from '../dataDir/hostLog.ts';
import { dispatch, notFound, splitTarget, type BodyAnswer } from './handlers.ts';
import { sendJson } from './sendJson.ts';
import type { TimeLimits } from './loopback.ts';
import { otherPaths } from './otherPaths.ts';

export interface ApiServerOptions {
  readonly service: JobService;
  readonly token: string;
  readonly log: Log;
  /** A client has asked the host to stop. The answer is still sent. */
  readonly onStop: () => void;
  readonly onConnectionsChanged: () => void;
  /** How long to wait for clients; left out: without end. */
  readonly timeLimits?: TimeLimits;
}

/**
 * The HTTP API: admits requests, answers them, and ends them when the client or the host goes. The room `http` may import
 * `api`, `bundles`, `dataDir`, `logs` and `text`; the host and `bgjobs serve` import it.
 */
export class ApiServer {
  readonly http: Server;
  readonly #options: ApiServerOptions;
  /** Answers under way, each with what ends it early: the client has gone, or the host stops. */
  readonly #underWay = new Map<ServerResponse, AbortController>();
  /** Event streams, with what to send when settings have changed. */
  readonly #notices = new Map<ServerResponse, string>();
  #connections = 0;
  #leaving = false;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.#answer(request, response);
    // admit() judges requests without a Host header, too.
    this.http = createServer({ ...(options.timeLimits ?? noTimeLimits), requireHostHeader: false }, answer);
    // A request with an Expect header is answered like any other.
    this.http.on('checkExpectation', answer);
    this.http.on('connect', ({ url = '' }, socket) => hangUp(socket, notFound('CONNECT', url)));
    this.http.on('clientError', (error, socket) => this.#answerClientError(error, socket));
    this.http.on('connection', (socket) => {
      this.#connections++;
      options.onConnectionsChanged();
      socket.once('close', () => {
        this.#connections--;
        options.onConnectionsChanged();
      });
    });
  }

  get connections(): number {
    return this.#connections;
  }

  /** Ends streams and waits, gives other answers `finishMs` to finish, then closes every connection. */
  async close(finishMs: number): Promise<void> {
    this.#leaving = true;
    this.http.close();
    for (const ended of this.#underWay.values()) ended.abort();
    const timeUp = AbortSignal.timeout(finishMs);
    for (const response of this.#underWay.keys()) {
      if (!timeUp.aborted) await once(response, 'close', { signal: timeUp }).catch(() => undefined);
    }
    for (const response of this.#underWay.keys()) this.#refuse(response, leaving());
    this.http.closeAllConnections();
  }

  #answerClientError(error: Error, socket: Duplex): void {
    const begun = [...this.#underWay.keys()].some((response) => response.socket === socket && response.headersSent);
    if (begun) socket.destroy();
    else answerClientError(error, socket);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ended = new AbortController();
    this.#underWay.set(response, ended);
    response.once('close', () => {
      this.#underWay.delete(response);
      this.#notices.delete(response);
      if (!response.writableFinished) ended.abort();
    });
    const { service, token, onStop } = this.#options;
    const expected = (error: unknown): BgJobsError => this.#expected(error, ended.signal, request);
    try {
      admit(request, token);
      if (this.#leaving) throw leaving({ processed: false });
      const settingsChanged = (): void => this.#tellSettings();
      const context = { service, signal: ended.signal, stopHost: onStop, settingsChanged };
      const other = otherPaths.get(splitTarget(request.url ?? '').path);
      if (other) return await other(request, response, context);
      const answer = await dispatch(request, context);
      if ('value' in answer) return sendJson(response, answer.status, answer.value);
      if (answer.settingsNotice !== undefined) this.#notices.set(response, answer.settingsNotice);
      await sendParts(response, answer, ended.signal, expected);
    } catch (error) {
      this.#refuse(response, expected(error));
    }
  }

  /** A stream whose first part has not been sent needs no notice: its client reads the settings after it. */
  #tellSettings(): void {
    for (const [response, notice] of this.#notices) {
      if (response.headersSent && !response.writableEnded) response.write(notice);
    }
  }

  #refuse(response: ServerResponse, error: BgJobsError): void {
    if (response.headersSent) response.destroy();
    else sendJson(response, error.httpStatus, error.toBody());
  }

  /** For a bug, the client gets the message, and only the log gets the stack. */
  #expected(error: unknown, ended: AbortSignal, request: IncomingMessage): BgJobsError {
    if (error instanceof BgJobsError) return error;
    if (ended.aborted) return leaving();
    this.#options.log.error(`bug in ${request.method} ${request.url}`, error);
    const message = error instanceof Error ? error.message : String(error);
    return new BgJobsError('internal', `Internal error. The log has the details: ${message}`);
  }
}

/**
 * A client may keep its connection for as long as it lives, and an idle host must not wake up: no time limits, and no
 * interval (2^31-1 ms is the maximum) to check them. Only the user can connect.
 */
const noTimeLimits = {
  keepAliveTimeout: 0,
  requestTimeout: 0,
  headersTimeout: 0,
  connectionsCheckingInterval: 2 ** 31 - 1,
};

/** @param details `processed: false` tells the client that nothing was done, so that it can retry with the next host */
function leaving(details: { processed: false } | null = null): BgJobsError {
  return new BgJobsError('host_stopping', 'The job host is stopping. Running jobs keep running; try again.', details);
}

/** Answers a request that Node could not parse, and closes the connection. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  // The client has gone.
  if (error.code === 'ECONNRESET') socket.destroy();
  else hangUp(socket, describe(error));
}

/** Answers on a socket that has no response object. */
function hangUp(socket: Duplex, error: BgJobsError): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(error.toBody());
  const head = [
    `HTTP/1.1 ${error.httpStatus} ${STATUS_CODES[error.httpStatus]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function describe({ code, message }: NodeJS.ErrnoException): BgJobsError {
  if (code === 'HPE_HEADER_OVERFLOW' || code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') {
    return new BgJobsError('payload_too_large', 'The request line and headers are too long.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new BgJobsError('invalid_request', 'The request did not arrive in time.');
  }
  return new BgJobsError('invalid_request', `Invalid HTTP request: ${message}`);
}

/**
 * Admits clients that have the token, unless a web page made the browser send the request. A page of another site is
 * recognized by its Origin, one whose name was made to point at this machine (DNS rebinding) by its Host.
 * @throws BgJobsError `forbidden_origin`, `unauthorized`
 */
function admit(request: IncomingMessage, token: string): void {
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

/**
 * Sends parts as fast as the client takes them.
 * @param signal aborted when the client has gone or the host leaves: then the parts end early
 * @param expected turns any failure into the one that the client is told
 */
async function sendParts(
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
