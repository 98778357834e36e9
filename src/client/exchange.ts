import { request, type Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Endpoint } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';
import type { HostRecord } from '../dataDir/dataDir.ts';

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

export async function readText(answer: IncomingMessage): Promise<string> {
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
export function wasNotProcessed(error: unknown, platform = process.platform): boolean {
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
