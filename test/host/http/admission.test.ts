import assert from 'node:assert/strict';
import type { NetConnectOpts } from 'node:net';
import { ApiServer } from '../../../src/http/apiServer.ts';
import { listenOnLoopback, loopbackAddress, loopbackTimeLimits, type TimeLimits } from '../../../src/http/loopback.ts';
import { openLog } from '../../../src/dataDir/hostLog.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';
import { sendRaw } from '../../helpers/rawHttp.ts';

const token = 'the-token-of-this-test';

describe('admission of requests', () => {
  const host = useInProcessHost();
  let servers: ApiServer[] = [];
  const serve = async (address = '127.0.0.1', timeLimits: TimeLimits = loopbackTimeLimits): Promise<URL> => {
    const server = new ApiServer({
      service: host.client,
      token,
      log: openLog(`${host.home}/serve.log`, 'debug'),
      onStop: () => undefined,
      onConnectionsChanged: () => undefined,
      timeLimits,
    });
    servers.push(server);
    return new URL(await listenOnLoopback(server.http, address, 0));
  };
  afterEach(async () => {
    for (const server of servers) await server.close(0);
    servers = [];
  });
  const socket = (): NetConnectOpts => ({ path: host.host.record.endpoint });
  const tcp = ({ hostname, port }: URL): NetConnectOpts => ({
    host: hostname.replace(/[[\]]/g, ''),
    port: Number(port),
  });
  const get = (headers: readonly string[], with_ = token): string =>
    ['GET /v1/host HTTP/1.1', `Authorization: Bearer ${with_}`, 'Connection: close', ...headers, '', ''].join('\r\n');

  it('requires a name of this machine and the right port on TCP', async () => {
    const url = await serve();
    const { port } = url;
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]', '127.1.2.3']) {
      assert.equal((await sendRaw(tcp(url), get([`Host: ${name}:${port}`]))).status, 200, name);
    }
    const strangers = [
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `0.0.0.0:${port}`,
      '127.0.0.1',
      'localhost',
      `localhost:${Number(port) - 1}`,
      `localhost:${port}:${port}`,
      `:${port}`,
      '',
    ];
    for (const name of strangers) {
      const { status, code } = await sendRaw(tcp(url), get([`Host: ${name}`]));
      assert.deepEqual([status, code], [403, 'forbidden_origin'], name);
    }
    assert.equal((await sendRaw(tcp(url), get([]))).code, 'forbidden_origin');
    const both = [`Host: localhost:${port}`, 'Host: evil.example'];
    assert.equal((await sendRaw(tcp(url), get(both))).code, 'forbidden_origin');
  });

  it('requires localhost or no name on the socket', async () => {
    const own = host.host.record.token;
    for (const headers of [['Host: localhost'], ['Host:'], []]) {
      assert.equal((await sendRaw(socket(), get(headers, own))).status, 200, headers.join());
    }
    for (const name of ['evil.example', 'localhost.evil.example', 'localhost:80', '127.0.0.1']) {
      const { status, code } = await sendRaw(socket(), get([`Host: ${name}`], own));
      assert.deepEqual([status, code], [403, 'forbidden_origin'], name);
    }
  });

  it('refuses foreign web pages, and lets no browser read an answer', async () => {
    const url = await serve();
    const same = await sendRaw(tcp(url), get([`Host: ${url.host}`, `Origin: ${url.origin}`]));
    assert.equal(same.status, 200);
    const foreign = ['http://evil.example', 'null', '', 'http://localhost', `https://${url.host}`, `${url.origin}.x`];
    for (const origin of foreign) {
      const answer = await sendRaw(tcp(url), get([`Host: ${url.host}`, `Origin: ${origin}`]));
      assert.deepEqual([answer.status, answer.code], [403, 'forbidden_origin'], origin);
      assert.doesNotMatch(answer.text, /access-control/i);
    }
    const preflight = [
      'OPTIONS /v1/jobs HTTP/1.1',
      `Host: ${url.host}`,
      'Origin: http://evil.example',
      'Access-Control-Request-Method: POST',
      'Connection: close',
    ];
    const asked = await sendRaw(tcp(url), `${preflight.join('\r\n')}\r\n\r\n`);
    assert.equal(asked.status, 403);
    assert.doesNotMatch(asked.text, /access-control/i);
    assert.doesNotMatch(same.text, /access-control/i);
  });

  it('requires the token, and does not reveal more to a stranger', async () => {
    const url = await serve();
    for (const wrong of ['', 'x', `${token}x`, host.host.record.token]) {
      const { status, code } = await sendRaw(tcp(url), get([`Host: ${url.host}`], wrong));
      assert.deepEqual([status, code], [401, 'unauthorized'], wrong);
    }
    assert.equal((await sendRaw(tcp(url), get(['Host: evil.example'], 'wrong'))).status, 403);
  });

  it('accepts only JSON, which no form can send', async () => {
    const body = JSON.stringify({ argv: ['true'], cwd: '/', held: true });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', '']) {
      const refused = await host.refused('POST', '/v1/jobs', { body, headers: { 'content-type': type } });
      assert.deepEqual([refused.status, refused.code], [400, 'invalid_request'], type);
      assert.match(refused.message, /Content-Type: application\/json/);
    }
    for (const type of ['application/json', 'Application/JSON; charset=utf-8']) {
      assert.equal((await host.ask('POST', '/v1/jobs', { body, headers: { 'content-type': type } })).status, 201);
    }
    const latin1 = Buffer.from(body.replace('true', 'ä'), 'latin1');
    assert.match((await host.refused('POST', '/v1/jobs', { body: latin1 })).message, /UTF-8/);
    assert.equal((await host.client.listJobs()).total, 2);
  });

  it('explains why bytes are not a request', async () => {
    const url = await serve();
    const head = (end: string): string => get([`Host: ${url.host}`]).replace(/\r\n$/, `${end}\r\n`);
    const cases: [string, number, string][] = [
      ['GARBAGE\r\n\r\n', 400, 'invalid_request'],
      [head('bad header\r\n'), 400, 'invalid_request'],
      [head(`X: ${'x'.repeat(20_000)}\r\n`), 413, 'payload_too_large'],
      [head('').replace('/v1/host', `/v1/${'x'.repeat(20_000)}`), 413, 'payload_too_large'],
      [head('Transfer-Encoding: chunked\r\n').replace('GET', 'POST') + 'zz\r\n', 400, 'invalid_request'],
      [head('Content-Length: 5\r\nContent-Length: 6\r\n'), 400, 'invalid_request'],
      [`CONNECT evil.example:443 HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`, 404, 'route_not_found'],
      [head('Expect: the-unexpected\r\n').replace('/v1/host', '/nowhere'), 404, 'route_not_found'],
    ];
    for (const place of [tcp(url), socket()]) {
      for (const [text, status, code] of cases) {
        const adapted =
          'path' in place ? text.replace(url.host, 'localhost').replace(token, host.host.record.token) : text;
        const answer = await sendRaw(place, adapted);
        assert.deepEqual([answer.status, answer.code], [status, code], text.slice(0, 200));
      }
    }
  });

  it('does not wait for strangers that send very slowly', async () => {
    const limits = { headersTimeout: 50, requestTimeout: 100, keepAliveTimeout: 50, connectionsCheckingInterval: 10 };
    const url = await serve('127.0.0.1', limits);
    assert.equal((await sendRaw(tcp(url), '')).code, 'invalid_request');
    assert.equal((await sendRaw(tcp(url), 'GET /v1/host HT')).code, 'invalid_request');
    const half = `POST /v1/jobs HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${token}\r\nContent-Length: 9\r\n\r\n{`;
    assert.equal((await sendRaw(tcp(url), half)).code, 'invalid_request');
    assert.equal(
      (await sendRaw(tcp(url), get([`Host: ${url.host}`]).replace('Connection: close\r\n', ''))).status,
      200,
    );
  });

  it('listens only on this machine', async () => {
    assert.equal((await sendRaw(tcp(await serve('127.0.0.3')), 'x\r\n\r\n')).status, 400);
    for (const [given, address] of Object.entries({ localhost: '127.0.0.1', '127.0.0.9': '127.0.0.9', '::1': '::1' })) {
      assert.equal(loopbackAddress(given), address);
    }
    for (const elsewhere of [
      '0.0.0.0',
      '::',
      '',
      '192.168.0.1',
      'example.org',
      '127.evil',
      '::ffff:10.0.0.1',
      '127.1',
    ]) {
      assert.throws(() => loopbackAddress(elsewhere), { code: 'invalid_request' }, elsewhere);
    }
  });
});
