import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { BgJobsError } from '../api/errors.ts';

/** Answers what Node could not read as a request, and hangs up. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Nobody is there any more.
  if (error.code === 'ECONNRESET') socket.destroy();
  else hangUp(socket, describe(error));
}

/** The answer where there is no response to write to. */
export function hangUp(socket: Duplex, error: BgJobsError): void {
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
