import { Agent, request, type AgentOptions, type ClientRequest, type IncomingMessage } from 'node:http';
import { endpoints, type Answer, type Endpoint, type Verb } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';
import type { HostRecord } from '../dataDir/dataDir.ts';

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
  /** A name of a server for TLS, which there is none here: Node would look whether `localhost` is an address of IPv6. */
  readonly #agent = new Agent({ keepAlive: true, servername: '' } as AgentOptions);
  readonly #find: (agent: Agent, start?: boolean) => Promise<HostRecord>;
  readonly #recorded: () => HostRecord | undefined;
  /** Keyed by whether a host may be started, because a call that may start one must not get the failure of one that may not. */
  readonly #finding = new Map<boolean | undefined, Promise<HostRecord>>();
  #host: HostRecord | undefined;
  #isDisposed = false;

  /**
   * @param find see findHost.ts; `start` left out: as it was set up
   * @param recorded the host to which the first request goes, although nobody has seen that it lives
   */
  constructor(
    find: (agent: Agent, start?: boolean) => Promise<HostRecord>,
    recorded: () => HostRecord | undefined = () => undefined,
  ) {
    this.#find = find;
    this.#recorded = recorded;
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

  async #ask<T>(verb: Verb, call: Call, read: (answer: IncomingMessage) => Promise<T>): Promise<T> {
    const { id, query, body, signal, start } = call;
    const { method, path: pattern } = endpoints[verb];
    const path = pattern.replace(/\{\w+\}/, encodeURIComponent(id ?? '')) + queryString(query);
    const question = {
      method,
      path,
      body: body === undefined ? undefined : toJson(body),
      signal,
    };
    const attempt = async (host: HostRecord): Promise<T> => read(await exchange(host, this.#agent, question));
    if (this.#isDisposed) throw disposed();
    const recorded = this.#host ? undefined : this.#recorded();
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

export interface Question {
  readonly method: Endpoint['method'];
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; undefined for none. */
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request and returns the answer, with its body still to be read.
 * @param onRequest receives the request, so that it can be aborted
 * @throws BgJobsError what the host answered with; or the error of the connection, see {@link wasNotProcessed}
 */
export async function exchange(
  host: HostRecord,
  agent: Agent,
  { method, path, headers, body, signal }: Question,
  onRequest?: (request: ClientRequest) => void,
): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request({
      socketPath: host.endpoint,
      agent,
      method,
      path,
      headers: {
        host: 'localhost',
        authorization: `Bearer ${host.token}`,
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
      ...(signal && { signal }),
    });
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
    onRequest?.(outgoing);
    outgoing.end(body);
  });
  if (answer.statusCode !== undefined && answer.statusCode < 400) return answer;
  throw toError(answer.statusCode, await readText(answer));
}

async function readText(answer: IncomingMessage): Promise<string> {
  answer.setEncoding('utf8');
  let text = '';
  for await (const part of answer as AsyncIterable<string>) text += part;
  return text;
}

function toError(status: number | undefined, text: string): BgJobsError {
  // Newer hosts may know codes that this client does not, and something else may listen there.
  const unknown = `The job host answered with HTTP status ${status}: ${text.slice(0, 500)}`;
  try {
    return BgJobsError.fromBody(JSON.parse(text)) ?? new BgJobsError('internal', unknown);
  } catch {
    return new BgJobsError('internal', unknown);
  }
}

/**
 * Whether the host certainly did not process a request, because it never read all of it.
 * - There was no connection.
 * - The request could not be written to its end: a write to a Unix socket whose other side is closed fails, with EPIPE.
 * - The other side was closed while it had not read everything: that alone makes Linux answer ECONNRESET on a Unix
 *   socket (unix_release_sock in net/unix/af_unix.c); on macOS it had not even accepted the connection. When it had
 *   read everything there is an end of file instead, of which Node makes an error without a system call.
 */
function wasNotProcessed(error: unknown, platform = process.platform): boolean {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall === 'connect') return true;
  return (
    platform !== 'win32' && ((syscall === 'write' && code === 'EPIPE') || (syscall === 'read' && code === 'ECONNRESET'))
  );
}

/** Whether an error is a failure of the connection, and not an answer of the host or a bug. */
export function isConnectionError(error: unknown): boolean {
  return (
    error instanceof Error &&
    !(error instanceof BgJobsError) &&
    typeof (error as NodeJS.ErrnoException).code === 'string' &&
    error.name !== 'AbortError'
  );
}
