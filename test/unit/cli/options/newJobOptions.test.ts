import assert from 'node:assert/strict';
import { parseReadyWhen, readyRequest } from '../../../../src/cli/options/newJobOptions.ts';

describe('--ready-when', () => {
  it('takes a pattern, a port, an address and a file', () => {
    assert.deepEqual(parseReadyWhen('/a\\/b/'), { pattern: 'a\\/b' });
    assert.deepEqual(parseReadyWhen('/ready/i'), { pattern: '(?i)ready' });
    assert.deepEqual(parseReadyWhen('listening'), { listening: true });
    assert.deepEqual(parseReadyWhen('port:3000'), { port: 3000 });
    assert.deepEqual(parseReadyWhen('port:127.0.0.1:3000'), { port: 3000, host: '127.0.0.1' });
    assert.deepEqual(parseReadyWhen('port:[::1]:3000'), { port: 3000, host: '[::1]' });
    assert.deepEqual(parseReadyWhen('https://localhost:3000/'), { url: 'https://localhost:3000/' });
    assert.deepEqual(parseReadyWhen('file:out/a b'), { file: 'out/a b' });
  });

  it('explains the forms when it refuses a text', () => {
    for (const text of ['', '//', '3000', 'port:', 'port:x', 'file:', 'ftp://x', 'ready', '/x/g']) {
      assert.throws(() => parseReadyWhen(text), /port:3000/, text);
    }
  });

  it('is sent with its time limit and what happens then, which are refused without it', () => {
    const readyWhen = { port: 3000 };
    assert.deepEqual(readyRequest({ readyWhen, probe: { timeoutMs: 5, ifNotReady: 'stop' } }), {
      readyWhen: { port: 3000, timeoutMs: 5, ifNotReady: 'stop' },
    });
    assert.deepEqual([readyRequest({ readyWhen }), readyRequest({})], [{ readyWhen }, {}]);
    assert.throws(() => readyRequest({ probe: { timeoutMs: 5 } }), /require --ready-when/);
  });
});
