import fc from 'fast-check';
import { endpoints, type Verb } from '../../src/api/endpoints.ts';

/** A request that must be refused and must have no effect. */
export interface Malformed {
  readonly kind: string;
  readonly bytes: Buffer;
  /** The route that refuses it. Undefined if the request need not reach a route. */
  readonly route?: Verb;
  /** The request is cut off or is not HTTP, so the server may also just close the connection. */
  readonly cutOff: boolean;
}

export interface Target {
  readonly token: string;
  /** The value that the Host header must have. */
  readonly host: string;
  /** The id of an existing job that must not change. */
  readonly jobId: string;
  /** A file that would exist if a job were started. */
  readonly witness: string;
}

const bodyRoutes = (Object.keys(endpoints) as Verb[]).filter((name) => 'body' in endpoints[name]);

interface Parts {
  readonly method: string;
  readonly path: string;
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
}

export function request({ token, host }: Target, { method, path, headers, body }: Parts): Buffer {
  const content = Buffer.from(body ?? '');
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Bearer ${token}`,
    'Connection: close',
    ...(headers ?? ['Content-Type: application/json', `Content-Length: ${content.length}`]),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), content]);
}

/** @param query including the question mark */
export function ask(target: Target, route: Verb, body: string | Buffer, query = ''): Buffer {
  const { method, path } = endpoints[route];
  const filled = path.replace('{id}', target.jobId).replace('{runId}', `${target.jobId}.1`);
  return request(target, { method, path: filled + query, body });
}

export function brokenJson(target: Target): fc.Arbitrary<Malformed> {
  const cut = fc.tuple(fc.json(), fc.nat()).map(([text, at]) => text.slice(0, at % Math.max(1, text.length)));
  const dirty = fc
    .tuple(fc.json(), fc.constantFrom(',', '}', '\0', '"', "'", '//', '\u2028;'))
    .map((both) => both.join(''));
  const deep = fc.integer({ min: 1, max: 100_000 }).map((depth) => '['.repeat(depth));
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((array) => Buffer.from(array));
  const broken = fc
    .oneof(cut, dirty, deep, fc.string({ minLength: 1 }), bytes)
    .filter((text) => !isJson(text.toString()));
  return fc.tuple(fc.constantFrom(...bodyRoutes), broken).map(([route, body]) => {
    return { kind: 'broken JSON', route, bytes: ask(target, route, body), cutOff: false };
  });
}

/** A body that is only white space counts as empty. */
function isJson(text: string): boolean {
  if (text.trim() === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** None of these values is valid for any field of any body. */
const nowhereRight = fc.constantFrom<unknown>(
  1e308,
  -1e308,
  -1,
  0.5,
  9_007_199_254_740_993,
  null,
  [[]],
  [null],
  { a: { b: { c: {} } } },
  { __proto__: null, constructor: 1 },
);

export function wrongTypes(target: Target): fc.Arbitrary<Malformed> {
  const start = { argv: ['true'], cwd: '/' };
  const fields: Partial<Record<Verb, readonly string[]>> = {
    startJob: ['argv', 'command', 'cwd', 'shell', 'env', 'name', 'priority', 'graceMs', 'stdin', 'held', 'capture'],
    killJob: ['signal', 'graceMs', 'run', 'reason', 'requeue', 'wait', 'actor'],
    killJobs: ['session', 'tag', 'all'],
    sendInput: ['text', 'eof'],
    resizeTerminal: ['columns', 'rows'],
    updateJob: ['pinned'],
    updateHost: ['maxConcurrentJobs', 'cleanupIntervalMs'],
    cleanUp: ['olderThanMs', 'keep', 'status', 'dryRun'],
  };
  const pairs = Object.entries(fields).flatMap(([route, names]) => names.map((name) => [route as Verb, name] as const));
  const wrongField = fc.tuple(fc.constantFrom(...pairs), nowhereRight);
  const unknownField = fc.tuple(
    fc.constantFrom(...bodyRoutes).map((route) => [route, undefined] as const),
    fc.anything({ withNullPrototype: false }),
  );
  const nested = fc.integer({ min: 1, max: 100_000 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`);
  const wrongBody = fc.oneof(
    fc.tuple(fc.oneof(wrongField, unknownField), fc.string()).map(([[[route, name], value], unknown]) => {
      const field = name ?? `unknown ${unknown}`;
      const body = JSON.stringify({ ...(route === 'startJob' && start), [field]: value ?? null }, withoutBigInts);
      return [route, body] as const;
    }),
    fc.tuple(fc.constantFrom(...bodyRoutes), fc.oneof(nested, fc.constantFrom('null', '3', '"x"', 'true', '[1]'))),
  );
  return wrongBody.map(([route, body]) => {
    return { kind: 'wrong types', route, bytes: ask(target, route, body), cutOff: false };
  });
}

function withoutBigInts(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
