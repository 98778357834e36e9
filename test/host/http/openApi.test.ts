import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import assert from 'node:assert/strict';
import type { OpenApiDocument, Operation } from '../../../scripts/docs/apiReference.ts';
import { errorMeanings } from '../../../src/http/openApi.ts';
import type { SettingsUpdate } from '../../../src/api/host.ts';
import { endpoints, type Verb } from '../../../src/api/endpoints.ts';
import { type ErrorCode, errorCodes } from '../../../src/api/errors.ts';
import { pathWithAgents } from '../../helpers/codingAgents.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';

const everyHook: SettingsUpdate['hooks'] = [
  {
    name: 'file',
    on: ['started', 'ready'],
    session: 's',
    tags: { a: 'b' },
    target: { type: 'file', path: '/dev/null' },
  },
  { name: 'command', on: ['gave_up'], onRequest: true, target: { type: 'command', argv: ['false'] } },
  { name: 'match', on: ['matched'], pattern: '/x/', target: { type: 'desktop' } },
  {
    name: 'web',
    on: ['failed'],
    minDurationMs: 1,
    target: { type: 'webhook', url: 'http://localhost/', secret: { env: 'X' }, token: { file: '/x' } },
  },
  {
    name: 'mail',
    on: ['ended'],
    target: {
      ...{ type: 'email', to: 'a@b', from: 'a@b', host: 'localhost', port: 25, security: 'none' },
      ...{ user: 'u', password: { env: 'X' } },
    },
  },
];

describe('the OpenAPI document', () => {
  const host = useInProcessHost();
  const fetchDocument = async (): Promise<OpenApiDocument> => {
    const answer = await host.ask('GET', '/openapi.json');
    assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'application/json']);
    return JSON.parse(answer.body) as OpenApiDocument;
  };

  it('is valid', async () => {
    const validator = new Validator();
    assert.deepEqual(await validator.validate({ ...(await fetchDocument()) }), { valid: true });
    assert.equal(validator.version, '3.1');
  });

  it('requires the token, and only allows GET', async () => {
    assert.equal((await host.refused('GET', '/openapi.json', { token: 'x' })).code, 'unauthorized');
    assert.equal((await host.refused('POST', '/openapi.json')).code, 'route_not_found');
  });

  it('names every route and nothing else', async () => {
    const { paths } = await fetchDocument();
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { operationId }]) => `${operationId}: ${method.toUpperCase()} ${path}`),
    );
    const known = Object.entries(endpoints).map(([name, { method, path }]) => `${name}: ${method} ${path}`);
    assert.deepEqual(documented.sort(), known.sort());
  });

  it('describes every operation, parameter and error', async () => {
    const { paths, components } = await fetchDocument();
    for (const { operationId, summary, parameters, responses } of operationsOf(paths)) {
      assert.ok(summary, operationId);
      for (const { name, description } of parameters) assert.ok(description, `${operationId} ${name}`);
      for (const [status, { description }] of Object.entries(responses)) {
        assert.ok(description, `${operationId} ${status}`);
      }
      assert.ok(responses['401'] && responses['500'], operationId);
    }
    const codes = components.schemas['ErrorCode'];
    assert.ok(codes);
    assert.deepEqual(codes.enum, Object.keys(errorCodes));
    assert.deepEqual(
      codes['x-codes'],
      Object.fromEntries(
        Object.entries(errorCodes).map(([code, of]) => [code, { ...of, meaning: errorMeanings[code as ErrorCode] }]),
      ),
    );
  });

  it('describes every field of the answers', async () => {
    const shapes = new AnswerShapes(await fetchDocument());
    /** @returns the id of the job that was answered with, where it is one */
    const check = async (name: Verb, { id = '', query = '', body }: Asking = {}): Promise<string> => {
      const { method, path } = endpoints[name];
      const target = path.replace(/\{\w+\}/, id) + query;
      const answer = await host.ask(method, target, body ? { body: JSON.stringify(body) } : {});
      const value = JSON.parse(answer.body) as object;
      shapes.check(name, answer.status, value);
      return 'id' in value ? String(value.id) : '';
    };
    const argv = ['sh', '-c', 'echo out; echo err >&2; read x; exit 3'];
    const start = { argv, cwd: '/', stdin: { type: 'pipe' }, tags: { of: 'test' }, idempotencyKey: 'k' };
    const id = await check('startJob', { body: start });
    await check('startJob', { body: start });
    const missing = await check('startJob', { body: { argv: ['./missing'], cwd: '/' } });
    await check('waitForJob', { id: missing });
    await check('waitForJob', { id, query: '?for=/out/' });
    await check('inspectJob', { id });
    await check('pauseJob', { id });
    await check('resumeJob', { id });
    await check('sendInput', { id, body: { text: '\n' } });
    await check('waitForJob', { id });
    for (const each of [id, missing]) await check('getJob', { id: each });
    await check('getRun', { id: `${id}.1` });
    await check('getOutput', { id });
    await check('restartJob', { id });
    await check('terminateRun', { id: `${id}.2`, body: { reason: 'enough' } });
    await check('killJob', { id, body: { reason: 'enough' } });
    const drawn = await check('startJob', { body: { command: 'read x', cwd: '/', tty: true } });
    await check('resizeTerminal', { id: drawn, body: { columns: 100, rows: 30 } });
    await check('killJob', { id: drawn });
    const held = await check('startJob', { body: { command: 'true', cwd: '/', held: true } });
    await check('updateJob', { id: held, body: { pinned: true } });
    await check('releaseJob', { id: held });
    await check('waitForJob', { id: held });
    await check('pauseQueue', { body: { session: 'quiet' } });
    const waits = await check('startJob', { body: { command: 'true', cwd: '/', session: 'quiet', mutex: 'm' } });
    const dependsOn = [{ job: waits, condition: 'finished' }];
    const retry = { maxAttempts: 2, delayMs: 60_000, exitCodes: [3] };
    const depends = await check('startJob', { body: { command: 'exit 3', cwd: '/', dependsOn, retry } });
    const schedule = await check('startJob', {
      body: { command: 'true', cwd: '/', cron: '30 4 * * 1-5', timeZone: 'UTC' },
    });
    const ready = { readyWhen: { pattern: 'up' }, limits: { memoryBytes: 2 ** 30, nice: 5 } };
    const server = await check('startJob', { body: { command: 'echo up', cwd: '/', ...ready } });
    await check('waitForJob', { id: server, query: '?for=ready' });
    await check('moveJob', { id: waits, body: { to: 'first' } });
    await check('updateJob', { id: depends, body: { priority: 9, dependsOn } });
    await check('getQueue');
    await check('resumeQueue', { body: { session: 'quiet' } });
    await check('waitForJob', { id: waits });
    await check('waitForJob', { id: depends, query: '?timeoutMs=300' });
    for (const each of [depends, schedule, server]) await check('getJob', { id: each });
    for (const each of [depends, schedule]) await check('holdJob', { id: each });
    await check('moveJob', { id: schedule, body: { to: 'up' } });
    const codingAgent = { name: 'claude', prompt: 'hello' };
    const agent = await check('startJob', { body: { codingAgent, cwd: '/', env: { PATH: pathWithAgents() } } });
    await check('waitForJob', { id: agent });
    await check('getRunEvents', { id: `${agent}.1` });
    await check('continueJob', { id: agent, body: { prompt: 'and now?' } });
    for (const query of ['', '&since=0', '&since=0&limit=2']) {
      await check('getEvents', { query: `?format=json${query}` });
    }
    await check('listJobs');
    await check('listJobs', { query: '?limit=1' });
    await check('changeJobs', { body: { action: 'hold', ids: [agent, 'nowhere'] } });
    await check('waitForJobs', { body: { ids: [agent, 'nowhere'] } });
    await check('waitForJobs', { body: { ids: [agent] } });
    await check('killJobs', { body: { all: true } });
    await check('getMetrics');
    await check('getHost');
    await check('updateHost', { body: { maxConcurrentJobs: 4, agentDeny: ['true'] } });
    await check('testHook', { id: 'nowhere' });
    await check('updateHost', { body: { hooks: everyHook } });
    await check('testHook', { id: 'file' });
    await check('testHook', { id: 'command' });
    await check('removeJob', { id: held });
    await check('cleanUp');
    // Errors are answers too.
    await check('getJob', { id: 'nowhere' });
    await check('getRun', { id: 'nowhere' });
    await check('terminateRun', { id: 'nowhere' });
    await check('terminateRun', { id: `${id}.1` });
    await check('getOutput', { id, query: '?run=9' });
    await check('killJob', { id, body: { signal: 'BOGUS' } });
    await check('killJob', { id, body: { run: 9 } });
    await check('killJobs');
    await check('pauseJob', { id });
    await check('startJob', { body: { argv: ['true'], cwd: '/missing' } });
    await check('startJob', { body: { argv: ['true'], cwd: '/', actor: 'agent' } });
    await check('getEvents', { query: '?job=nowhere' });
    await check('stopHost');
    assert.deepEqual(shapes.unchecked(), []);
  });
});

interface Asking {
  readonly id?: string;
  readonly query?: string;
  readonly body?: object;
}

function operationsOf(paths: OpenApiDocument['paths']): Operation[] {
  return Object.values(paths).flatMap((operations) => Object.values(operations));
}

/** Validators of what the document says of answers, except that here an unknown field is a mistake. */
class AnswerShapes {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #operations: Operation[];
  readonly #checked = new Set<string>();

  constructor(document: OpenApiDocument) {
    addFormats(this.#ajv);
    this.#operations = operationsOf(document.paths);
    this.#ajv.addSchema({ $id: 'doc:', components: { schemas: closed(document.components.schemas) } });
  }

  check(name: Verb, status: number, value: unknown): void {
    const response = this.#operations.find(({ operationId }) => operationId === name)?.responses[status];
    const schema = response?.content['application/json']?.schema;
    assert.ok(schema, `${name} does not say that it answers ${status}: ${JSON.stringify(value)}`);
    const text = JSON.stringify(schema).replaceAll('"#/components', '"doc:#/components');
    const validate: ValidateFunction = this.#ajv.compile(JSON.parse(text) as object);
    assert.ok(validate(value), `${name} ${status}: ${JSON.stringify(validate.errors)}\n${JSON.stringify(value)}`);
    if (status < 300) this.#checked.add(name);
  }

  /** Routes of which no success was seen. */
  unchecked(): string[] {
    return this.#operations.map(({ operationId }) => operationId).filter((name) => !this.#checked.has(name));
  }
}

function closed(schemas: OpenApiDocument['components']['schemas']): unknown {
  return JSON.parse(JSON.stringify(schemas), (_name, value: unknown) => {
    const isShape = typeof value === 'object' && value !== null && 'properties' in value && 'type' in value;
    return isShape && value.type === 'object' ? { additionalProperties: false, ...value } : value;
  }) as unknown;
}
