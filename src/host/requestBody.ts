import type { IncomingMessage } from 'node:http';
import { BgJobsError } from '../protocol/errors.ts';

export const maxBodyBytes = 8 * 1024 * 1024;

/**
 * @returns the parsed body; an empty one counts as `{}`
 * @throws BgJobsError `payload_too_large`, `invalid_request`
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const text = (await readBody(request)).toString();
  if (text.trim() === '') return {};
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
