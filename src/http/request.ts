import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { endpoints, type Verb } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';

export const maxBodyBytes = 8 * 1024 * 1024;

export interface Match {
  readonly verb: Verb;
  /** What stands in the place of `{id}` or `{runId}`; empty where the path has neither. */
  readonly id: string;
}

const patterns = (Object.keys(endpoints) as Verb[]).map((verb) => ({
  verb,
  method: endpoints[verb].method,
  segments: endpoints[verb].path.split('/'),
}));

/** @throws BgJobsError `route_not_found` */
export function findEndpoint(method: string, path: string): Match {
  const given = path.split('/');
  for (const { verb, method: wanted, segments } of patterns) {
    if (wanted !== method || segments.length !== given.length) continue;
    if (segments.every((segment, index) => segment.startsWith('{') || segment === given[index])) {
      const place = segments.findIndex((segment) => segment.startsWith('{'));
      return { verb, id: place < 0 ? '' : decode(given[place] ?? '') };
    }
  }
  throw notFound(method, path);
}

export function notFound(method: string, path: string): BgJobsError {
  return new BgJobsError('route_not_found', `There is no ${method} ${path}.`);
}

/** A request's target, cut at the first question mark. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new BgJobsError('invalid_request', `"${segment}" in the path is not percent-encoded UTF-8.`);
  }
}

/** @throws BgJobsError `invalid_request` for a name that is given twice */
export function parseQuery(text: string): Record<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (query.has(name)) throw new BgJobsError('invalid_request', `${name} is given more than once`);
    query.set(name, value);
  }
  return Object.fromEntries(query);
}

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

/** Reads on over the limit, and throws that away: a client that is still writing could not read the answer. */
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
