import { connect, type Socket } from 'node:net';
import type { HostRecord } from '../dataDir/dataDir.ts';
import { headersFor, type Question } from './question.ts';

export interface ShortAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * A request on a connection of its own, as HTTP/1.0 has it: the answer ends where its length says. For a process that
 * makes one or two requests: `node:http` takes longer to load than such a process takes for all else.
 * @param sockets holds the socket for as long as it is open
 * @throws the error of the connection, see wasNotProcessed
 */
export function askOnce(host: HostRecord, question: Question, sockets: Set<Socket>): Promise<ShortAnswer> {
  const { method, path, body = '', signal } = question;
  const headers = Object.entries(headersFor(host, question)).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    const socket = connect({ path: host.endpoint, ...(signal && { signal }) });
    sockets.add(socket);
    const parts: Buffer[] = [];
    let missing = Infinity;
    socket.on('data', (part) => {
      parts.push(part);
      missing = missing === Infinity ? missingBytes(Buffer.concat(parts)) : missing - part.length;
      // The host closes the connection later.
      if (missing <= 0) socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      sockets.delete(socket);
      if (missing <= 0) resolve(readAnswer(Buffer.concat(parts)));
      else reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    });
    socket.write(`${method} ${path} HTTP/1.0\r\n${headers.join('')}\r\n${body}`);
  });
}

const headEnd = '\r\n\r\n';

/** How much of the answer is still to come; Infinity before the end of its head. */
function missingBytes(answer: Buffer): number {
  const end = answer.indexOf(headEnd);
  if (end < 0) return Infinity;
  const [, length] = /^content-length: *(\d+)/im.exec(answer.toString('latin1', 0, end)) ?? [];
  return length === undefined ? Infinity : end + headEnd.length + Number(length) - answer.length;
}

function readAnswer(answer: Buffer): ShortAnswer {
  const [, status] = /^HTTP\/1\.\d (\d{3})/.exec(answer.toString('latin1', 0, 16)) ?? [];
  return { status: Number(status), text: answer.toString('utf8', answer.indexOf(headEnd) + headEnd.length) };
}
