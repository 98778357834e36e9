import { request, type IncomingMessage } from 'node:http';
import type { HostRecord } from '../../src/dataDir/dataDir.ts';

export interface Asked {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Question {
  readonly body?: string | Buffer;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

/** Sends one request to a job host, on a new connection. */
export async function ask(record: HostRecord, method: string, path: string, question?: Question): Promise<Asked> {
  const answer = await open(record, method, path, question);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) };
}

/** The same, but returns as soon as the headers have arrived. */
export function open(
  record: HostRecord,
  method: string,
  path: string,
  question: Question = {},
): Promise<IncomingMessage> {
  const { body, token = record.token, headers } = question;
  return new Promise((resolve, reject) => {
    const outgoing = request({
      socketPath: record.endpoint,
      agent: false,
      method,
      path,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}
