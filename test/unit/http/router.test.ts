import assert from 'node:assert/strict';
import { findRoute, parseQuery } from '../../../src/http/router.ts';
import { type RouteName, routes } from '../../../src/api/routes.ts';

describe('the router', () => {
  it('finds every route of the table, with its id', () => {
    for (const name of Object.keys(routes) as RouteName[]) {
      const { method, path } = routes[name];
      const id = path.includes('{') ? 'a b/c' : '';
      assert.deepEqual(findRoute(method, path.replace(/\{\w+\}/, encodeURIComponent(id))), { name, id });
    }
  });

  it('knows no other path or method', () => {
    const unknown = ['GET /', 'GET ', 'PUT /v1/jobs', 'GET /v1/jobs/a/b/c', 'GET /V1/jobs', 'GET /v1/jobs/../../x'];
    for (const line of unknown) {
      const [method = '', path = ''] = line.split(' ');
      assert.throws(() => findRoute(method, path), { code: 'route_not_found' }, line);
    }
  });

  it('hands ids on as they are, for the service to judge', () => {
    assert.equal(findRoute('GET', '/v1/jobs/..').id, '..');
    assert.equal(findRoute('GET', '/v1/jobs/..%2F..%2Fx').id, '../../x');
  });

  it('refuses broken escapes and names that come twice', () => {
    assert.throws(() => findRoute('GET', '/v1/jobs/%ff'), { code: 'invalid_request' });
    assert.throws(() => parseQuery('a=1&b=2&a=3'), /a is given more than once/);
    assert.deepEqual(parseQuery('a=1%202&b=+&c'), { a: '1 2', b: ' ', c: '' });
  });
});
