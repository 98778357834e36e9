import { Agent, type IncomingMessage } from 'node:http';
import { type Answer, endpoints, type Verb } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';
import type { HostRecord } from '../dataDir/dataDir.ts';
import { exchange, isConnectionError, readText, wasNotProcessed } from './exchange.ts';

export interface Call {
  /** For `{id}` or `{runId}` in the route's path. */
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
  readonly #agent = new Agent({ keepAlive: true });
  readonly #find: (agent: Agent, start?: boolean) => Promise<HostRecord>;
  /** Keyed by whether a host may be started, because a call that may start one must not get the failure of one that may not. */
  readonly #finding = new Map<boolean | undefined, Promise<HostRecord>>();
  #host: HostRecord | undefined;
  #isDisposed = false;

  /** @param find see findHost.ts; `start` left out: as it was set up */
  constructor(find: (agent: Agent, start?: boolean) => Promise<HostRecord>) {
    this.#find = find;
  }

  /** Finds the host. @throws BgJobsError `host_unreachable` */
  async open(start?: boolean): Promise<HostRecord> {
    let finding = this.#finding.get(start);
    if (!finding) {
      finding = this.#find(this.#agent, start).finally(() => this.#finding.delete(start));
      this.#finding.set(start, finding);
    }
    const host = await finding;
    if (this.#isDisposed) throw disposed();
    this.#host = host;
    return host;
  }

  async json<Of extends Verb>(verb: Of, call: Call = {}): Promise<{ status: number; value: Answer<Of> }> {
    return this.#ask(verb, call, async (answer) => {
      return { status: answer.statusCode ?? 0, value: JSON.parse(await readText(answer)) as Answer<Of> };
    });
  }

  /** An answer whose body is read as it arrives. */
  stream(verb: Verb, call: Call): Promise<IncomingMessage> {
    return this.#ask(verb, call, (answer) => Promise.resolve(answer));
  }

  /** Requests under way, and all later ones, fail with `host_unreachable`. */
  dispose(): void {
    this.#isDisposed = true;
    this.#agent.destroy();
  }

  /** Turns the error of a broken answer, or of a request without an answer, into the one for the caller. */
  toError(error: unknown, signal?: AbortSignal): unknown {
    if (this.#isDisposed) return disposed();
    if (signal?.aborted) return signal.reason;
    if (!isConnectionError(error)) return error;
    const message = `The connection to the job host was lost: ${(error as Error).message}. It may have done what was asked.`;
    return new BgJobsError('host_unreachable', message);
  }

  async #ask<T>(verb: Verb, call: Call, read: (answer: IncomingMessage) => Promise<T>): Promise<T> {
    const { id, query, body, signal, start } = call;
    const { method, path: pattern } = endpoints[verb];
    const path = pattern.replace(/\{\w+\}/, encodeURIComponent(id ?? '')) + queryString(query);
    const question = {
      method,
      path,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    };
    const attempt = async (host: HostRecord): Promise<T> => read(await exchange(host, this.#agent, question));
    if (this.#isDisposed) throw disposed();
    const known = this.#host ?? (await this.open(start));
    try {
      return await attempt(known);
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
