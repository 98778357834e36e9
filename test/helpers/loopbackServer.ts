import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer extends AsyncDisposable {
  readonly port: number;
  close(): Promise<void>;
}

/** A web server in this process. @param port 0 means any free port */
export async function serveHere(
  answer: RequestListener = (_request, response) => void response.end('here'),
  { port = 0, host = '127.0.0.1' } = {},
): Promise<LoopbackServer> {
  const server = createServer(answer).listen(port, host);
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close };
}
