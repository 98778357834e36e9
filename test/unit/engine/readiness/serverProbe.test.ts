import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { PortClaim } from '../../../../src/engine/readiness/portClaim.ts';
import type { Found } from '../../../../src/engine/readiness/probe.ts';
import { urlProbe } from '../../../../src/engine/readiness/serverProbe.ts';
import { createProcessTable } from '../../../../src/processes/platform.ts';
import { serveHere } from '../../../helpers/loopbackServer.ts';

/** @returns what one look finds */
async function look(answer: RequestListener, path = '/'): Promise<Found | undefined> {
  await using server = await serveHere(answer);
  const nothing = (): undefined => undefined;
  const claim = new PortClaim({
    table: createProcessTable(),
    target: { runId: 'none.1', supervisor: null, logs: [] },
    before: [],
    onBefore: nothing,
    onObstacle: nothing,
  });
  const signals = { last: AbortSignal.abort(), abort: new AbortController().signal };
  return await urlProbe(`http://localhost:${server.port}${path}`, claim, signals);
}

const answering =
  (status: number): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { location: 'http://192.0.2.1/' }).end();

describe('an address that answers', () => {
  it('does so with 200 to 399; where it redirects to is not looked at', async () => {
    for (const status of [200, 204, 302, 304])
      assert.match((await look(answering(status)))?.text ?? '', / answers \d+$/);
    for (const status of [400, 401, 404, 500, 503]) assert.equal(await look(answering(status)), undefined);
  });

  it('is asked for by its own name and path, and its body is not waited for', async () => {
    const asked: (string | undefined)[] = [];
    const found = await look((request, response) => {
      asked.push(request.method, request.url, request.headers.host?.replace(/\d+/, 'N'));
      response.writeHead(200).write('it never ends');
    }, '/up?x=1');
    assert.ok(found);
    assert.deepEqual(asked, ['GET', '/up?x=1', 'localhost:N']);
  });

  it('is none when it speaks something else', async () => {
    assert.equal(await look((request) => request.socket.end('SSH-2.0-x\r\n')), undefined);
  });
});
