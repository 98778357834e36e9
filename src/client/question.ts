import type { IncomingMessage } from 'node:http';
import { BgJobsError } from '../api/errors.ts';
import type { HostRecord } from '../dataDir/dataDir.ts';

export interface Question {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; undefined for none. */
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The headers of a request without what its body needs. */
export function headersFor(host: HostRecord, { body, headers }: Question): Record<string, string | number> {
  return {
    host: 'localhost',
    authorization: `Bearer ${host.token}`,
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    ...headers,
  };
}

export async function readText(answer: IncomingMessage): Promise<string> {
  answer.setEncoding('utf8');
  let text = '';
  for await (const part of answer as AsyncIterable<string>) text += part;
  return text;
}

/** Of an answer with a status of failure. */
export function answeredError(status: number | undefined, text: string): BgJobsError {
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
