import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { JobService } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';
import type { Log } from '../dataDir/hostLog.ts';
import { admit } from './admission.ts';
import { sendJson, sendParts } from './call.ts';
import { dispatch } from './handlers.ts';
import { otherPaths } from './otherPaths.ts';
import { notFound, splitTarget } from './request.ts';

export interface ApiServerOptions {
  readonly service: JobService;
  readonly token: string;
  readonly log: Log;
  /** Somebody asked the host to leave. The answer still goes out. */
  readonly onStop: () => void;
  readonly onConnectionsChanged: () => void;
  /** For whom to wait how long; left out: for everybody as long as they like. */
  readonly timeLimits?: TimeLimits;
}

export type TimeLimits = Pick<
  ServerOptions,
  'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'connectionsCheckingInterval'
>;

/** The HTTP API: who may ask, what is answered, and how both end. */
export class ApiServer {
  readonly http: Server;
  readonly #options: ApiServerOptions;
  /** With what ends each of them early: the client has gone, or the host leaves. */
  readonly #underWay = new Map<ServerResponse, AbortController>();
  /** Who hears that the settings have changed, and how. */
  readonly #notices = new Map<ServerResponse, string>();
  #connections = 0;
  #leaving = false;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.#answer(request, response);
    // A Host header that is missing is our business too.
    this.http = createServer({ ...(options.timeLimits ?? patience), requireHostHeader: false }, answer);
    // Whatever a request expects, it is answered.
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

  /** Ends streams and waits, gives other answers `finishMs` to get done, then cuts every connection. */
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

  /** Who has not had the first part has not asked for the settings yet. */
  #tellSettings(): void {
    for (const [response, notice] of this.#notices) {
      if (response.headersSent && !response.writableEnded) response.write(notice);
    }
  }

  #refuse(response: ServerResponse, error: BgJobsError): void {
    if (response.headersSent) response.destroy();
    else sendJson(response, error.httpStatus, error.toBody());
  }

  /** What was ended early fails in its own way. Of a bug the message goes to the client, the stack to the log alone. */
  #expected(error: unknown, ended: AbortSignal, request: IncomingMessage): BgJobsError {
    if (error instanceof BgJobsError) return error;
    if (ended.aborted) return leaving();
    this.#options.log.error(`bug in ${request.method} ${request.url}`, error);
    const message = error instanceof Error ? error.message : String(error);
    return new BgJobsError('internal', `Internal error, the log has the details: ${message}`);
  }
}

/**
 * A client may keep its connection for as long as it lives, and a host at rest must not wake up: no time limits, and no
 * interval (of at most 2^31-1 ms) that looks for them. Nobody but the user can connect.
 */
const patience = {
  keepAliveTimeout: 0,
  requestTimeout: 0,
  headersTimeout: 0,
  connectionsCheckingInterval: 2 ** 31 - 1,
};

/** @param details `processed: false` tells the client that nothing was done, so that it can ask the next host */
function leaving(details: { processed: false } | null = null): BgJobsError {
  return new BgJobsError('host_stopping', 'The job host is leaving. Running jobs run on; try again.', details);
}

/** Answers what Node could not read as a request, and hangs up. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Nobody is there any more.
  if (error.code === 'ECONNRESET') socket.destroy();
  else hangUp(socket, describe(error));
}

/** The answer where there is no response to write to. */
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
    return new BgJobsError('payload_too_large', 'The request line and the headers are too long together.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new BgJobsError('invalid_request', 'The request did not arrive in time.');
  }
  return new BgJobsError('invalid_request', `This is not a request in HTTP: ${message}`);
}
