import { parseJSONRPCMessage, type JSONRPCMessage, type McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Greeting } from '../greeting/greeting.ts';
import { IdleMemory } from './idleMemory.ts';
import { OutputWatch, cancelledRequest, listenedUris } from './outputResource.ts';
import { createServer, type Surface } from './server.ts';

/** What a client has sent since this process started, and the answer that it has already. */
export interface Opening {
  readonly lines: AsyncIterable<string>;
  readonly greeting: Greeting | undefined;
}

/** Serves one client on the standard streams of this process. Resolves when the client has gone. */
export async function serveOnStdio(surface: Surface, opening: Opening, onError: (error: Error) => void): Promise<void> {
  let server: McpServer | undefined;
  const watch = new OutputWatch(surface.service, (uri) => {
    server?.server.sendResourceUpdated({ uri }).catch(onError);
  });
  const memory = new IdleMemory();
  const listen = listeners(watch);
  const see = (message: JSONRPCMessage): void => {
    memory.wake();
    listen(message);
  };
  const input = Readable.from(messages(opening.lines, see));
  const transport = new StdioServerTransport(input, process.stdout);
  if (opening.greeting) withhold(transport, opening.greeting.id);
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
  // A client that is killed breaks off in the middle of a message.
  await finished(input).catch(() => undefined);
  watch.dispose();
}

/** The answer to the request with this id does not go out: the client has it. */
function withhold(transport: StdioServerTransport, id: Id): void {
  const send = transport.send.bind(transport);
  transport.send = (message) => {
    if (!('id' in message) || message.id !== id || 'method' in message) return send(message);
    transport.send = send;
    return Promise.resolve();
  };
}

/** The lines that are messages. The SDK ignores all others silently, and their sender would wait for ever. */
async function* messages(lines: AsyncIterable<string>, see: (message: JSONRPCMessage) => void): AsyncGenerator<Buffer> {
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const { message, ...refusal } = read(line);
    if (message) {
      see(message);
      yield Buffer.from(`${line}\n`);
    } else {
      process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...refusal })}\n`);
    }
  }
}

type Id = string | number;
type Read = { message: JSONRPCMessage } | { message?: never; id: Id | null; error: { code: number; message: string } };

/** Codes of JSON-RPC 2.0: https://www.jsonrpc.org/specification#error_object */
function read(line: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { id: null, error: { code: -32700, message: `Not JSON: ${(error as Error).message}` } };
  }
  try {
    return { message: parseJSONRPCMessage(value) };
  } catch {
    const message = 'Not a JSON-RPC 2.0 message: {"jsonrpc": "2.0", "id": …, "method": "…", "params": {…}}';
    const { id } = Object(value) as { id?: unknown };
    return { id: typeof id === 'string' || typeof id === 'number' ? id : null, error: { code: -32600, message } };
  }
}

/** Keeps track of subscriptions: the SDK answers `subscriptions/listen` itself. */
function listeners(watch: OutputWatch): (message: JSONRPCMessage) => void {
  const listening = new Map<Id, string[]>();
  return (message) => {
    const listened = listenedUris(message);
    if (listened) {
      listening.set(listened.id, listened.uris);
      for (const uri of listened.uris) watch.watch(uri);
    }
    const id = cancelledRequest(message);
    if (id === null) return;
    for (const uri of listening.get(id) ?? []) watch.unwatch(uri);
    listening.delete(id);
  };
}
