import type { ServerResponse } from 'node:http';

/** The engine gives many clients the same list, as long as nothing changes. */
const bodies = new WeakMap<object, Buffer>();

/** Sends the whole answer. @param value is not changed afterwards */
export function sendJson(response: ServerResponse, status: number, value: object): void {
  const body = bodies.get(value) ?? Buffer.from(JSON.stringify(value));
  bodies.set(value, body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}
