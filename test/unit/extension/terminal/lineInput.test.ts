import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { LineInput } from '../../../../src/extension/terminal/lineInput.ts';

describe('Lines that are typed into the terminal of a task', () => {
  const typed = (...data: string[]) => {
    const input = new LineInput();
    const all = data.map((one) => input.push(one));
    return {
      echo: all.map(({ echo }) => echo).join(''),
      send: all.map(({ send }) => send).join(''),
      signs: all.map(({ interrupt, endOfFile }) => (interrupt ? 'C' : '') + (endOfFile ? 'D' : '')).join(''),
    };
  };

  it('are sent with Enter, however they came', () => {
    assert.deepEqual(typed('a', 'b\r', 'c'), { echo: 'ab\r\nc', send: 'ab\n', signs: '' });
    assert.deepEqual(typed('one\r\ntwo\nthree\r'), {
      echo: 'one\r\ntwo\r\nthree\r\n',
      send: 'one\ntwo\nthree\n',
      signs: '',
    });
  });

  it('can be taken back character by character', () => {
    assert.deepEqual(typed('aä😀', '\x7f', '\x7f', 'b\r'), { echo: 'aä😀\b \b\b \bb\r\n', send: 'ab\n', signs: '' });
    assert.deepEqual(typed('\x7f\r'), { echo: '\r\n', send: '\n', signs: '' });
  });

  it('are given up with Ctrl+C', () => {
    assert.deepEqual(typed('half', '\x03', 'x\r'), { echo: 'half^C\r\nx\r\n', send: 'x\n', signs: 'C' });
  });

  it('end with Ctrl+D, which behind something typed sends that alone', () => {
    assert.deepEqual(typed('x', '\x04', '\x04'), { echo: 'x', send: 'x', signs: 'D' });
  });

  it('hold no other control characters than tabs', () => {
    assert.deepEqual(typed('a\tb\x1b\x00\r'), { echo: 'a\tb\r\n', send: 'a\tb\n', signs: '' });
  });
});
