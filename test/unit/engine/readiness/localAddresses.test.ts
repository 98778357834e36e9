import assert from 'node:assert/strict';
import { localAddresses, NamedAddresses } from '../../../../src/engine/readiness/localAddresses.ts';

describe('localAddresses', () => {
  const cases: [line: string, ...urls: string[]][] = [
    ['  ➜  Local:   http://localhost:5173/', 'http://localhost:5173/'],
    ['Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...', 'http://localhost:8000/'],
    ['Serving HTTP on :: port 8000 (http://[::]:8000/) ...', 'http://localhost:8000/'],
    ['listening on http://[::1]:3000.', 'http://[::1]:3000/'],
    ['Server started: https://127.0.0.1:8443/app?x=(1)&y=2, enjoy', 'https://127.0.0.1:8443/app?x=(1)&y=2'],
    ['{"url":"http://localhost:4000","pid":1}', 'http://localhost:4000/'],
    ['HTTP://LOCALHOST:1/a then http://127.0.1.1:2/', 'http://localhost:1/a', 'http://127.0.1.1:2/'],
    ['http://localhost, http://localhost.', 'http://localhost/', 'http://localhost/'],
    ['see https://astro.build/telemetry and http://example.org:3000/'],
    ['http://localhost.example.org/ http://localhost-2:80/ http://127.0.0.1.nip.io/ http://localhost:80@example.org/'],
    ['http://localhost:123456/ http://localhost:99999/'],
    ['http:// javascript:alert(1) file:///etc/passwd'],
    ['ready on port 3000'],
  ];
  for (const [line, ...urls] of cases) {
    it(`of "${line}" are ${urls.join(', ') || 'none'}`, () =>
      assert.deepEqual(
        localAddresses(line).map(({ url }) => url),
        urls,
      ));
  }

  it('tell where to connect', () => {
    assert.deepEqual(localAddresses('http://0.0.0.0:8000/ https://[::1]'), [
      { url: 'http://localhost:8000/', host: 'localhost', port: 8000, hasPort: true },
      { url: 'https://[::1]/', host: '[::1]', port: 443, hasPort: false },
    ]);
  });
});

describe('NamedAddresses', () => {
  it('keep the order, and only the whole of an address that is read in pieces', () => {
    const named = new NamedAddresses();
    const lines = [
      'a http://localhost:1',
      '',
      'b http://localhost:51',
      'b http://localhost:5173/x',
      'http://localhost:1',
    ];
    for (const line of lines) named.note(line);
    assert.deepEqual(
      named.all().map(({ url }) => url),
      ['http://localhost:1/', 'http://localhost:5173/x'],
    );
  });

  it('remember a hundred', () => {
    const named = new NamedAddresses();
    for (let port = 1; port <= 200; port++) named.note(`http://localhost:${port}`);
    assert.equal(named.all().length, 100);
  });
});
