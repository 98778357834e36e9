import type { Agent, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { endpoints, type Answer, type Verb } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';
import type { HostRecord } from '../dataDir/dataDir.ts';
import type * as Exchange from './exchange.ts';
import type { ShortAnswer } from './shortRequest.ts';
import { answeredError, isConnectionError, readText, wasNotProcessed, type Question } from './question.ts';

export interface Call {
  /** For `{id}`, `{runId}` or `{name}` in the route's path. */
  readonly id?: string;
  /** Undefined values are left out. */
  readonly query?: object | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Whether to start a host when there is none, if that differs from the default of the connection. */
  readonly start?: boolean | undefined;
}

/** Requests to the host of a data directory. When it has gone, the next one is found. Connections are kept and reused. */
export class Connection {
  /** What makes requests, loaded when it is needed, and the connections that are kept. */
  #http: typeof Exchange | undefined;
  #agent: Agent | undefined;
  /** Connections of short requests. */
  readonly #sockets = new Set<Socket>();
  readonly #find: (agent: Agent, start?: boolean) => Promise<HostRecord>;
  readonly #recorded: (() => HostRecord | undefined) | undefined;
  /** Keyed by whether a host may be started, because a call that may start one must not get the failure of one that may not. */
  readonly #finding = new Map<boolean | undefined, Promise<HostRecord>>();
  #host: HostRecord | undefined;
  #isDisposed = false;

  /**
   * @param find see findHost.ts; `start` left out: as it was set up
   * @param recorded the host to which the first request goes, although nobody has seen that it lives. Requests have
   * connections of their own then: see shortRequest.ts
   */
  constructor(find: (agent: Agent, start?: boolean) => Promise<HostRecord>, recorded?: () => HostRecord | undefined) {
    this.#find = find;
    this.#recorded = recorded;
  }

  /** Finds the host. @throws BgJobsError `host_unreachable` */
  async open(start?: boolean): Promise<HostRecord> {
    let finding = this.#finding.get(start);
    if (!finding) {
      finding = this.#findHost(start).finally(() => this.#finding.delete(start));
      this.#finding.set(start, finding);
    }
    const host = await finding;
    if (this.#isDisposed) throw disposed();
    this.#host = host;
    return host;
  }

  async json<Of extends Verb>(verb: Of, call: Call = {}): Promise<{ status: number; value: Answer<Of> }> {
    const { status, text } = await this.#ask(verb, call, async (host, question) => {
      return this.#recorded ? this.#askOnce(host, question) : this.#askHttp(host, question);
    });
    return { status, value: JSON.parse(text) as Answer<Of> };
  }

  /** An answer whose body is read as it arrives. */
  stream(verb: Verb, call: Call): Promise<IncomingMessage> {
    return this.#ask(verb, call, (host, question) => this.#exchange(host, question));
  }

  /** Requests under way, and all later ones, fail with `host_unreachable`. */
  dispose(): void {
    this.#isDisposed = true;
    this.#agent?.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Turns the error of a broken answer, or of a request without an answer, into the one for the caller. */
  toError(error: unknown, signal?: AbortSignal): unknown {
    if (this.#isDisposed) return disposed();
    if (signal?.aborted) return signal.reason;
    if (!isConnectionError(error)) return error;
    const message = `The connection to the job host was lost: ${(error as Error).message}. The request may have been carried out.`;
    return new BgJobsError('host_unreachable', message);
  }

  /** A request may take as long as it likes, but not because its host hangs. */
  async #unlessItHangs<T>(answer: Promise<T>, start: boolean | undefined): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const failure = new Promise<never>((_, reject) => {
      timer = setTimeout(() => void this.open(start).catch(reject), patienceMs);
    });
    try {
      return await Promise.race([answer, failure]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #findHost(start: boolean | undefined): Promise<HostRecord> {
    return this.#find(await this.#agentOfHttp(), start);
  }

  async #agentOfHttp(): Promise<Agent> {
    this.#http ??= await import('./exchange.ts');
    return (this.#agent ??= this.#http.newAgent());
  }

  async #exchange(host: HostRecord, question: Question): Promise<IncomingMessage> {
    const agent = this.#agent ?? (await this.#agentOfHttp());
    if (!this.#http || this.#isDisposed) throw disposed();
    return this.#http.exchange(host, agent, question);
  }

  async #askHttp(host: HostRecord, question: Question): Promise<ShortAnswer> {
    const answer = await this.#exchange(host, question);
    return { status: answer.statusCode ?? 0, text: await readText(answer) };
  }

  async #askOnce(host: HostRecord, question: Question): Promise<ShortAnswer> {
    const { askOnce } = await import('./shortRequest.ts');
    if (this.#isDisposed) throw disposed();
    const answer = await askOnce(host, question, this.#sockets);
    if (answer.status < 400) return answer;
    throw answeredError(answer.status, answer.text);
  }

  async #ask<T>(verb: Verb, call: Call, send: (host: HostRecord, question: Question) => Promise<T>): Promise<T> {
    const { id, query, body, signal, start } = call;
    const { method, path: pattern } = endpoints[verb];
    const path = pattern.replace(/\{\w+\}/, encodeURIComponent(id ?? '')) + queryString(query);
    const question: Question = {
      method,
      path,
      body: body === undefined ? undefined : toJson(body),
      signal,
    };
    const attempt = (host: HostRecord): Promise<T> => send(host, question);
    if (this.#isDisposed) throw disposed();
    const recorded = this.#host ? undefined : this.#recorded?.();
    const known = this.#host ?? recorded ?? (await this.open(start));
    try {
      const answer = await (recorded ? this.#unlessItHangs(attempt(known), start) : attempt(known));
      this.#host ??= known;
      return answer;
    } catch (error) {
      if (this.#isDisposed || signal?.aborted || !mayRepeat(error, verb, body)) throw this.toError(error, signal);
    }
    try {
      return await attempt(await this.open(start));
    } catch (error) {
      throw this.toError(error, signal);
    }
  }
}

/** How long the first request may take until its host is asked whether it lives (milliseconds). */
const patienceMs = 1000;

/** Whether the request was certainly not processed, or does no harm when it is processed twice. */
function mayRepeat(error: unknown, verb: Verb, body: unknown): boolean {
  // Another host, with a different token, may listen at the same endpoint by now.
  if (error instanceof BgJobsError) return error.code === 'unauthorized' || error.details?.['processed'] === false;
  const isHarmless = endpoints[verb].method === 'GET' || (verb === 'startJob' && hasKey(body));
  return wasNotProcessed(error) || (isHarmless && isConnectionError(error));
}

function hasKey(body: unknown): boolean {
  return (body as { idempotencyKey?: string } | undefined)?.idempotencyKey !== undefined;
}

/** @throws BgJobsError `invalid_request` for a body that is nested so deeply that it cannot be written as JSON */
function toJson(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BgJobsError('invalid_request', 'The request is nested too deeply.');
  }
}

function queryString(query: Call['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query) as [string, string | number | undefined][]) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

function disposed(): BgJobsError {
  return new BgJobsError('host_unreachable', 'This client was disposed before the job host answered.');
}
