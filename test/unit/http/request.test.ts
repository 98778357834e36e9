import assert from 'node:assert/strict';
import { findEndpoint, parseQuery } from '../../../src/http/handlers.ts';
import { endpoints, type Verb } from '../../../src/api/endpoints.ts';

describe('reading a request', () => {
  it('finds every endpoint of the table, with its id', () => {
    for (const verb of Object.keys(endpoints) as Verb[]) {
      const { method, path } = endpoints[verb];
      const id = path.includes('{') ? 'a b/c' : '';
      assert.deepEqual(findEndpoint(method, path.replace(/\{\w+\}/, encodeURIComponent(id))), { verb, id });
    }
  });

  it('knows no other path or method', () => {
    const unknown = ['GET /', 'GET ', 'PUT /v1/jobs', 'GET /v1/jobs/a/b/c', 'GET /V1/jobs', 'GET /v1/jobs/../../x'];
    for (const line of unknown) {
      const [method = '', path = ''] = line.split(' ');
      assert.throws(() => findEndpoint(method, path), { code: 'route_not_found' }, line);
    }
  });

  it('passes ids on unchanged, for the service to check', () => {
    assert.equal(findEndpoint('GET', '/v1/jobs/..').id, '..');
    assert.equal(findEndpoint('GET', '/v1/jobs/..%2F..%2Fx').id, '../../x');
  });

  it('refuses broken escapes and names that come twice', () => {
    assert.throws(() => findEndpoint('GET', '/v1/jobs/%ff'), { code: 'invalid_request' });
    assert.throws(() => parseQuery('a=1&b=2&a=3'), /a is given more than once/);
    assert.deepEqual(parseQuery('a=1%202&b=+&c'), { a: '1 2', b: ' ', c: '' });
  });
});
