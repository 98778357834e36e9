import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer extends AsyncDisposable {
  readonly port: number;
}

/** A web server in this very process. @param port 0: any */
export async function serveHere(
  answer: RequestListener = (_request, response) => void response.end('here'),
  { port = 0, host = '127.0.0.1' } = {},
): Promise<LoopbackServer> {
  const server = createServer(answer).listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
