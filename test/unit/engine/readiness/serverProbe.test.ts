import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { portClaim } from '../../../../src/engine/readiness/portClaim.ts';
import { portProbe, urlProbe, type Found, type ServerProbe } from '../../../../src/engine/readiness/probes.ts';
import { createProcessTable } from '../../../../src/processes/platform.ts';
import { freePort } from '../../../../scripts/editor/freePort.ts';
import { serveHere } from '../../../helpers/loopbackServer.ts';

/** A last look, so that it tells at once what is missing. */
function lastLook() {
  const told: string[] = [];
  const claim = portClaim({
    table: createProcessTable(),
    target: { runId: 'none.1', supervisor: null, logs: [] },
    before: [],
    onBefore: () => undefined,
  });
  const probe: ServerProbe = {
    last: AbortSignal.abort(),
    abort: new AbortController().signal,
    claim,
    onObstacle: (text) => told.push(text),
  };
  return { told, probe };
}

async function look(answer: RequestListener, path = '/'): Promise<{ found: Found | undefined; told: string }> {
  await using server = await serveHere(answer);
  const { told, probe } = lastLook();
  const found = await urlProbe(`http://localhost:${server.port}${path}`, probe, 300);
  return { found, told: told.join().replace(String(server.port), 'PORT') };
}

const answering =
  (status: number): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { location: 'http://192.0.2.1/' }).end();

describe('urlProbe', () => {
  it('accepts status 200 to 399 and does not follow redirects', async () => {
    for (const status of [200, 204, 302, 304])
      assert.match((await look(answering(status))).found?.text ?? '', / answers \d+$/);
    for (const status of [400, 401, 404, 500, 503])
      assert.deepEqual(await look(answering(status)), {
        found: undefined,
        told: `http://localhost:PORT/ answers ${status}`,
      });
  });

  it('requests the host name and path, and does not wait for the body', async () => {
    const asked: (string | undefined)[] = [];
    const { found } = await look((request, response) => {
      asked.push(request.method, request.url, request.headers.host?.replace(/\d+/, 'N'));
      response.writeHead(200).write('it never ends');
    }, '/up?x=1');
    assert.ok(found);
    assert.deepEqual(asked, ['GET', '/up?x=1', 'localhost:N']);
  });

  it('tells of a server that does not speak HTTP', async () => {
    assert.deepEqual(await look((request) => request.socket.end('SSH-2.0-x\r\n')), {
      found: undefined,
      told: 'http://localhost:PORT/ accepts connections but does not answer in HTTP',
    });
  });

  it('tells of a server that accepts connections and says nothing', async () => {
    assert.deepEqual(await look(() => undefined), {
      found: undefined,
      told: 'http://localhost:PORT/ accepts connections but has not answered within 0.3 s',
    });
  });

  it('tells when nothing listens, only after a while or at the end', async () => {
    const port = await freePort();
    const { told, probe } = lastLook();
    assert.equal(await urlProbe(`http://localhost:${port}/x`, probe), undefined);
    assert.deepEqual(told, [`nothing listens at http://localhost:${port}`]);
    const [early, abort] = [lastLook(), new AbortController()];
    const found = urlProbe(`http://localhost:${port}/x`, {
      ...early.probe,
      last: new AbortController().signal,
      abort: abort.signal,
    });
    setTimeout(() => abort.abort(), 200);
    assert.deepEqual([await found, early.told], [undefined, []]);
  });
});

describe('portProbe', () => {
  it('finds the URL of a server that speaks HTTP', async () => {
    await using server = await serveHere();
    const { port } = server;
    const found = await portProbe({ host: 'localhost', port }, lastLook().probe);
    assert.deepEqual(found, { text: `localhost:${port} accepts connections`, url: `http://localhost:${port}` });
  });

  it('tells when nothing listens', async () => {
    const port = await freePort();
    const { told, probe } = lastLook();
    assert.equal(await portProbe({ host: '[::1]', port }, probe), undefined);
    assert.deepEqual(told, [`nothing listens at [::1]:${port}`]);
  });
});
