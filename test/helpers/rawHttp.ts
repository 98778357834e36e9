import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** If the server is silent for this long, it is waiting for more input. */
const silenceMs = 20_000;

/** The answer to bytes that need not be HTTP. Empty if the server only closed the connection. */
export interface RawAnswer {
  readonly status: number | undefined;
  /** `error.code` of the body, if the body is an error of the API. */
  readonly code: string | undefined;
  readonly text: string;
}

/**
 * Sends bytes on a new connection, and reads until the other side has closed it.
 * @param options.end closes this side when everything is sent
 */
export async function sendRaw(
  to: NetConnectOpts,
  bytes: string | Buffer,
  options: { end?: boolean } = {},
): Promise<RawAnswer> {
  const socket = connect(to);
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  socket.on('error', () => undefined); // it may close the connection while this side writes
  if (options.end) socket.end(bytes);
  else socket.write(bytes);
  let isSilent = false;
  socket.setTimeout(silenceMs, () => {
    isSilent = true;
    socket.destroy();
  });
  await closed(socket);
  assert.ok(!isSilent, `no answer, and the connection is still open: ${bytes.toString('latin1').slice(0, 600)}`);
  const text = Buffer.concat(parts).toString();
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
  const [, code] = /\{"error":\{"code":"(\w+)"/.exec(text) ?? [];
  return { status: status === undefined ? undefined : Number(status), code, text };
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}
