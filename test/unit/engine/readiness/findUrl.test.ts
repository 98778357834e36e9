import assert from 'node:assert/strict';
import { findUrl } from '../../../../src/engine/readiness/patternProbe.ts';

describe('the address in a line', () => {
  const cases: [line: string, url: string | null][] = [
    ['  ➜  Local:   http://localhost:5173/', 'http://localhost:5173/'],
    ['Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...', 'http://localhost:8000/'],
    ['Serving HTTP on :: port 8000 (http://[::]:8000/) ...', 'http://localhost:8000/'],
    ['listening on http://[::1]:3000.', 'http://[::1]:3000/'],
    ['Server started: https://127.0.0.1:8443/app?x=(1)&y=2, enjoy', 'https://127.0.0.1:8443/app?x=(1)&y=2'],
    ['{"url":"http://localhost:4000","pid":1}', 'http://localhost:4000/'],
    ['see HTTP://LOCALHOST:1/a then http://localhost:2/', 'http://localhost:1/a'],
    ['http://', null],
    ['javascript:alert(1) file:///etc/passwd', null],
    ['ready on port 3000', null],
  ];
  for (const [line, url] of cases) it(`of "${line}" is ${url}`, () => assert.equal(findUrl(line), url));
});
