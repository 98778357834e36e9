import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { BgJobsError } from '../api/errors.ts';

export const maxBodyBytes = 8 * 1024 * 1024;

/**
 * @returns the parsed body; an empty one counts as `{}`
 * @throws BgJobsError `payload_too_large`, `invalid_request`
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request);
  const text = body.toString();
  if (text.trim() === '') return {};
  // A web page can make a browser send other types without asking whether it may.
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new BgJobsError('invalid_request', 'Send the body with "Content-Type: application/json".');
  }
  if (!isUtf8(body)) throw new BgJobsError('invalid_request', 'The body is not UTF-8.');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BgJobsError('invalid_request', `The body is not JSON: ${(error as Error).message}`);
  }
}

/** What comes over the limit is read and thrown away: a client that still writes could not see the answer. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= maxBodyBytes) parts.push(part);
      else parts.length = 0;
    });
    request.on('error', reject);
    request.on('end', () => {
      if (size <= maxBodyBytes) return resolve(Buffer.concat(parts, size));
      const message = `The body has ${size} bytes; at most ${maxBodyBytes} are accepted.`;
      reject(new BgJobsError('payload_too_large', message));
    });
  });
}
