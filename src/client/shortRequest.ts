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
    socket.on('data', (part) => parts.push(part));
    socket.once('error', reject);
    socket.once('close', () => {
      sockets.delete(socket);
      const answer = readAnswer(Buffer.concat(parts));
      if (answer) resolve(answer);
      else reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    });
    socket.write(`${method} ${path} HTTP/1.0\r\n${headers.join('')}\r\n${body}`);
  });
}

/** @returns undefined when the end is missing */
function readAnswer(answer: Buffer): ShortAnswer | undefined {
  const end = answer.indexOf('\r\n\r\n');
  const head = answer.toString('latin1', 0, Math.max(0, end));
  const [, status] = /^HTTP\/1\.\d (\d{3})/.exec(head) ?? [];
  const [, length] = /^content-length: *(\d+)/im.exec(head) ?? [];
  const text = answer.subarray(end + 4);
  if (status === undefined || length === undefined || text.length < Number(length)) return undefined;
  return { status: Number(status), text: text.toString() };
}
