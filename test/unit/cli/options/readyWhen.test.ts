import assert from 'node:assert/strict';
import { parseReadyWhen, readyWhenOf } from '../../../../src/cli/options/readyWhen.ts';

describe('--ready-when', () => {
  it('takes a pattern, a port, an address and a file', () => {
    assert.deepEqual(parseReadyWhen('/a\\/b/'), { pattern: 'a\\/b' });
    assert.deepEqual(parseReadyWhen('port:3000'), { port: 3000 });
    assert.deepEqual(parseReadyWhen('port:127.0.0.1:3000'), { port: 3000, host: '127.0.0.1' });
    assert.deepEqual(parseReadyWhen('port:[::1]:3000'), { port: 3000, host: '[::1]' });
    assert.deepEqual(parseReadyWhen('https://localhost:3000/'), { url: 'https://localhost:3000/' });
    assert.deepEqual(parseReadyWhen('file:out/a b'), { file: 'out/a b' });
  });

  it('says how to write it', () => {
    for (const text of ['', '//', '3000', 'port:', 'port:x', 'file:', 'ftp://x', 'ready']) {
      assert.throws(() => parseReadyWhen(text), /port:3000/, text);
    }
  });

  it('goes with its time and with what comes then, which are nothing without it', () => {
    const readyWhen = { port: 3000 };
    assert.deepEqual(readyWhenOf({ readyWhen, readyTimeout: 5, ifNotReady: 'stop' }), {
      port: 3000,
      timeoutMs: 5,
      ifNotReady: 'stop',
    });
    assert.deepEqual([readyWhenOf({ readyWhen }), readyWhenOf({})], [{ port: 3000 }, undefined]);
    assert.throws(() => readyWhenOf({ readyTimeout: 5 }), /require --ready-when/);
  });
});
