import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BgJobsError } from '../api/errors.ts';

/**
 * Admits clients that have the token, unless a web page made the browser send the request. A page of another site is
 * recognized by its Origin, one whose name was made to point at this machine (DNS rebinding) by its Host.
 * @throws BgJobsError `forbidden_origin`, `unauthorized`
 */
export function admit(request: IncomingMessage, token: string): void {
  const [host = '', ...otherHosts] = request.headersDistinct['host'] ?? [];
  if (otherHosts.length > 0 || !isOurName(host.toLowerCase(), request.socket.localPort)) {
    throw forbidden(`This is not the server of "${host}". Ask for localhost${portOf(request)}.`);
  }
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`)
    throw forbidden(`Web pages of "${origin}" may not ask here.`);
  if (!isToken(request.headers.authorization ?? '', token)) {
    const hint = 'The token is in host.json, or what `bgjobs serve` has printed.';
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
