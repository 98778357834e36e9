import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { parseJSONRPCMessage, type JSONRPCMessage, type McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { OutputWatch, cancelledRequest, listenedUris } from './outputWatch.ts';
import { createServer, type Surface } from './server.ts';

/** Serves one client on the standard streams of this process. Resolves when the client has gone. */
export async function serveMcpOnStdio(surface: Surface, onError: (error: Error) => void): Promise<void> {
  let server: McpServer | undefined;
  const watch = new OutputWatch(surface.service, (uri) => {
    server?.server.sendResourceUpdated({ uri }).catch(onError);
  });
  const input = Readable.from(messages(process.stdin, listeners(watch)));
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
    { transport: new StdioServerTransport(input, process.stdout), onerror: onError },
  );
  // A client that is killed breaks off in the middle of a message.
  await finished(input).catch(() => undefined);
  watch.dispose();
}

/** The lines that are messages. The SDK ignores all others silently, and their sender would wait for ever. */
async function* messages(input: NodeJS.ReadableStream, see: (message: JSONRPCMessage) => void): AsyncGenerator<Buffer> {
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    const { message, refusal } = read(line);
    if (message) {
      see(message);
      yield Buffer.from(`${line}\n`);
    } else {
      process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...refusal })}\n`);
    }
  }
}

interface Refusal {
  id: string | number | null;
  error: { code: number; message: string };
}

/** Codes of JSON-RPC 2.0: https://www.jsonrpc.org/specification#error_object */
function read(line: string): { message?: JSONRPCMessage; refusal?: Refusal } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { refusal: { id: null, error: { code: -32700, message: `Not JSON: ${(error as Error).message}` } } };
  }
  try {
    return { message: parseJSONRPCMessage(value) };
  } catch {
    const message = 'Not a JSON-RPC 2.0 message: {"jsonrpc": "2.0", "id": …, "method": "…", "params": {…}}';
    return { refusal: { id: idOf(value), error: { code: -32600, message } } };
  }
}

function idOf(value: unknown): string | number | null {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  return typeof value.id === 'string' || typeof value.id === 'number' ? value.id : null;
}

/** Keeps track of subscriptions: the SDK answers `subscriptions/listen` itself. */
function listeners(watch: OutputWatch): (message: JSONRPCMessage) => void {
  const listening = new Map<string | number, string[]>();
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
