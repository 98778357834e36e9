import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP server of the loopback interface that keeps what it gets. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** What it answers. Only what it accepts is kept. */
  status = 204;
  /** How many requests it has refused. */
  refused = 0;
  readonly #server: Server;

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        if (this.status < 300) this.received.push({ headers: request.headers, body });
        else this.refused++;
        response.writeHead(this.status).end();
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
