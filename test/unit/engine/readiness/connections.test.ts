import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connectTo, httpUrl } from '../../../../src/engine/readiness/connections.ts';
import { serveHere } from '../../../helpers/loopbackServer.ts';

/** Asks a server of this process. @param serve called with each connection and what it has sent */
async function ask(serve: (socket: Socket, text: string) => void, onConnection?: (socket: Socket) => void) {
  const received: string[] = [];
  const server = createServer((socket) => {
    onConnection?.(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      received.push(data.toString());
      serve(socket, data.toString());
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const { url, later } = await httpUrl({ address: '127.0.0.1', port, isLocal: true }, '0.0.0.0');
    return { url: url?.replace(String(port), 'PORT') ?? null, isAnswered: later === undefined, received };
  } finally {
    server.close();
  }
}

describe('the URL of a server', () => {
  it('is known when it answers HTTP, whatever the status', async () => {
    for (const status of [200, 302, 404, 500]) {
      await using server = await serveHere((_request, response) => void response.writeHead(status).end());
      const address = { address: '127.0.0.1', port: server.port, isLocal: true };
      assert.deepEqual(await httpUrl(address, 'localhost'), { url: `http://localhost:${server.port}` });
    }
  });

  it('is null when it answers the first line of a request: it never sees a line that Redis takes for an attack', async () => {
    const found = await ask((socket) => socket.write("-ERR wrong number of arguments for 'get' command\r\n"));
    assert.deepEqual(found, { url: null, isAnswered: true, received: ['GET / HTTP/1.1\r\n'] });
  });

  it('is null when it speaks first, or hangs up', async () => {
    const greeted = await ask(
      () => undefined,
      (socket) => socket.write('INFO {"server_id":"x"}\r\n'),
    );
    assert.deepEqual([greeted.url, greeted.isAnswered], [null, true]);
    const closed = await ask((socket) => socket.end());
    assert.deepEqual([closed.url, closed.isAnswered], [null, true]);
  });

  it('comes later from a server that takes its time', async () => {
    let answer = (): void => undefined;
    await using server = await serveHere((_request, response) => void (answer = () => void response.end()));
    const { url, later } = await httpUrl({ address: '127.0.0.1', port: server.port, isLocal: true }, 'localhost');
    assert.equal(url, null);
    answer();
    assert.equal(await later, `http://localhost:${server.port}`);
  });
});

describe('connectTo', () => {
  it('tries both addresses of localhost', async () => {
    await using one = await serveHere();
    await using other = await serveHere(undefined, { port: one.port, host: '::1' });
    const contacts = await connectTo('localhost', other.port, new AbortController().signal);
    assert.deepEqual(
      contacts.map(({ address }) => address),
      ['127.0.0.1', '::1'],
    );
  });
});
