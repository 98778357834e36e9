import fc from 'fast-check';

import { ask, brokenJson, request, wrongTypes, type Malformed, type Target } from './malformedBodies.ts';
import { endpoints, type Verb } from '../../src/api/endpoints.ts';

export type { Malformed, Target } from './malformedBodies.ts';

/** Malformed requests of all kinds. */
export function malformed(target: Target): fc.Arbitrary<Malformed> {
  return fc.oneof(
    brokenJson(target),
    wrongTypes(target),
    wrongQueries(target),
    wrongIds(target),
    wrongMethods(target),
    strangers(target),
    badHeaders(target),
    brokenChunks(target),
    halves(target),
    noHttp(),
  );
}

function wrongQueries(target: Target): fc.Arbitrary<Malformed> {
  const number = fc.constantFrom(
    '1e999',
    '-1',
    '0x',
    '99999999999999999999',
    'NaN',
    '1.5',
    '',
    '%00',
    '١',
    'Infinity ',
  );
  const names = fc.constantFrom('since', 'limit');
  const wrongNumber = fc.tuple(names, number).filter(([name, value]) => !(name === 'since' && value === ''));
  const twice = fc.constantFrom(
    'since=1&since=1',
    'limit=2&limit=2',
    'format=json&format=json',
    '__proto__=1&__proto__=1',
  );
  const unknown = fc.string({ minLength: 1 }).map((name) => `unknown${encodeURIComponent(wellFormed(name))}=1`);
  const query = fc.oneof(
    wrongNumber.map((pair) => pair.join('=')),
    twice,
    unknown,
    fc.constantFrom('__proto__=x', '%zz', '&&=&'),
  );
  const route = fc.constantFrom('getOutput', 'getEvents');
  return fc.tuple(route, query).map(([name, text]) => {
    return { kind: 'wrong query', route: name, bytes: ask(target, name, '', `?${text}`), cutOff: false };
  });
}

function wellFormed(text: string): string {
  return text.toWellFormed();
}

function wrongIds(target: Target): fc.Arbitrary<Malformed> {
  const traps = fc.constantFrom(
    '../../x',
    '..%2f..%2fx',
    '%2e%2e%2f%2e%2e%2fjobs.db',
    '%2e%2e',
    '%00',
    '%',
    '%ff%fe',
    '*',
    "'%20OR%201=1--",
    '%F0%9F%92%A9',
    '~root',
    'C:%5Cx',
    'con',
    '%0d%0aX-Injected:%20yes',
    'x'.repeat(5000),
  );
  const text = fc.string({ unit: 'binary' }).map((id) => encodeURIComponent(wellFormed(`z${id}`)));
  const raw = fc
    .uint8Array({ minLength: 1, maxLength: 20 })
    .map((bytes) => `z${Buffer.from(bytes).toString('latin1')}`);
  const names = (Object.keys(endpoints) as Verb[]).filter((name) => endpoints[name].path.includes('{'));
  return fc.tuple(fc.constantFrom(...names), fc.oneof(traps, text, raw)).map(([name, id]) => {
    const { method, path } = endpoints[name];
    const bytes = request(target, { method, path: path.replace(/\{\w+\}/, id) });
    // With spaces or line breaks, it is no longer a request.
    return { kind: 'wrong id', bytes: Buffer.from(bytes.toString(), 'latin1'), cutOff: /[^!-~]/.test(id) };
  });
}

function wrongMethods(target: Target): fc.Arbitrary<Malformed> {
  const method = fc.constantFrom('PUT', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE', 'FOO', 'get', 'G\0T', 'CONNECT', '');
  const path = fc.constantFrom(
    '/v1/jobs',
    '/v1/host',
    '/v1/jobs/x',
    '/openapi.json',
    '/',
    '//v1/jobs',
    '*',
    'http://x/v1/jobs',
  );
  return fc.tuple(method, path).map(([name, where]) => {
    return { kind: 'wrong method', bytes: request(target, { method: name, path: where }), cutOff: false };
  });
}

/** A valid request that is not authorized. */
function strangers(target: Target): fc.Arbitrary<Malformed> {
  const body = JSON.stringify({ argv: ['touch', target.witness], cwd: '/' });
  const right = ['Content-Type: application/json', `Content-Length: ${body.length}`];
  const start = (of: Target, headers: readonly string[]): Buffer =>
    request(of, { method: 'POST', path: '/v1/jobs', headers, body });
  const token = fc.string({ unit: 'grapheme-ascii' }).map((text) => start({ ...target, token: `x${text}` }, right));
  const host = fc.constantFrom('evil.example', 'localhost:1', '0.0.0.0', '10.0.0.1', 'localhost.', 'localhost@x');
  const origin = fc.constantFrom('null', 'http://evil.example', 'file://', 'vscode-webview://x');
  const type = fc.constantFrom('text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '');
  const bytes = fc.oneof(
    token,
    host.map((name) => start({ ...target, host: name }, right)),
    origin.map((from) => start(target, [...right, `Origin: ${from}`])),
    type.map((of) => start(target, [`Content-Type: ${of}`, `Content-Length: ${body.length}`])),
  );
  return bytes.map((each) => ({ kind: 'stranger', route: 'startJob', bytes: each, cutOff: false }));
}

function badHeaders(target: Target): fc.Arbitrary<Malformed> {
  const line = fc.oneof(
    fc.constantFrom(
      'No colon',
      ': no name',
      'Content-Length: -1',
      'Content-Length: 1e3',
      'Content-Length: 99999999999999999999',
      'Content-Length: 1\r\nContent-Length: 2',
      'Transfer-Encoding: chunked\r\nContent-Length: 3',
      'Transfer-Encoding: nonsense',
      'Expect: nonsense',
      'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings',
      ' folded: line',
      'Nul: a\0b',
      `Long: ${'x'.repeat(20_000)}`,
      'Many: x\r\n'.repeat(3000).trim(),
    ),
    fc.string({ unit: 'binary', maxLength: 50 }),
  );
  return line.map((text) => {
    const bytes = request(target, { method: 'GET', path: '/v1/nowhere', headers: [text] });
    return { kind: 'bad header', bytes, cutOff: true };
  });
}

function brokenChunks(target: Target): fc.Arbitrary<Malformed> {
  const garbage = fc.constantFrom(
    'zz\r\n',
    '-1\r\n',
    'ffffffffffffffffff\r\n',
    '5\r\nab',
    '1\r\nab\r\n',
    ';;;\r\n',
    '\r\n\r\n',
    '3',
  );
  const headers = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
  return fc.tuple(garbage, fc.constantFrom('startJob', 'killJobs', 'cleanUp')).map(([body, route]) => {
    const { method, path } = endpoints[route];
    return { kind: 'broken chunks', bytes: request(target, { method, path, headers, body }), cutOff: true };
  });
}

/** A valid request that is cut off somewhere. */
function halves(target: Target): fc.Arbitrary<Malformed> {
  const whole = ask(target, 'startJob', JSON.stringify({ argv: ['touch', target.witness], cwd: '/' }));
  return fc.integer({ min: 1, max: whole.length - 1 }).map((length) => {
    return { kind: 'half', bytes: whole.subarray(0, length), cutOff: true };
  });
}

function noHttp(): fc.Arbitrary<Malformed> {
  const lines = fc.constantFrom(
    'SSH-2.0-x\r\n',
    '\x16\x03\x01\x02\0\x01',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
  );
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 500 }).map((array) => Buffer.from(array));
  return fc
    .oneof(
      lines.map((text) => Buffer.from(text, 'latin1')),
      bytes,
    )
    .map((each) => {
      return { kind: 'no HTTP', bytes: each, cutOff: true };
    });
}
