import type {
  JSONRPCMessage,
  McpServer,
  MessageExtraInfo,
  Transport,
  TransportSendOptions,
} from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { OutputWatch } from './outputWatch.ts';
import { createServer, type Surface } from './server.ts';
import { cancelledRequest, listenedUris } from './subscriptions.ts';

/** Serves one client on the standard streams of this process. Settles when it has gone. */
export async function serveMcpOnStdio(surface: Surface, onError: (error: Error) => void): Promise<void> {
  const closed = Promise.withResolvers<void>();
  let server: McpServer | undefined;
  const watch = new OutputWatch(surface.service, (uri) => {
    server?.server.sendResourceUpdated({ uri }).catch(onError);
  });
  const transport = new ObservedTransport(new StdioServerTransport(), watch, closed.resolve);
  serveStdio(
    () => {
      server = createServer(surface, { subscribe: true });
      // Until revision 2025-11-25 of the protocol.
      server.server.setRequestHandler('resources/subscribe', ({ params }) => {
        watch.watch(params.uri);
        return {};
      });
      server.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
        watch.unwatch(params.uri);
        return {};
      });
      return server;
    },
    { transport, onerror: onError },
  );
  await closed.promise;
  watch.dispose();
}

/** Sees who listens to what: the SDK answers `subscriptions/listen` by itself. */
class ObservedTransport implements Transport {
  onmessage?: <T extends JSONRPCMessage>(message: T, extra?: MessageExtraInfo) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #transport: Transport;
  readonly #listening = new Map<string | number, string[]>();

  constructor(transport: Transport, watch: OutputWatch, closed: () => void) {
    this.#transport = transport;
    transport.onmessage = (message, extra) => {
      this.#observe(message, watch);
      this.onmessage?.(message, extra);
    };
    transport.onerror = (error) => this.onerror?.(error);
    transport.onclose = () => {
      this.onclose?.();
      closed();
    };
  }

  start(): Promise<void> {
    return this.#transport.start();
  }

  send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    return this.#transport.send(message, options);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #observe(message: JSONRPCMessage, watch: OutputWatch): void {
    const listened = listenedUris(message);
    if (listened) {
      this.#listening.set(listened.id, listened.uris);
      for (const uri of listened.uris) watch.watch(uri);
    }
    const id = cancelledRequest(message);
    if (id === null) return;
    for (const uri of this.#listening.get(id) ?? []) watch.unwatch(uri);
    this.#listening.delete(id);
  }
}
