import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { LineInput, TerminalText } from '../../../../src/extension/terminal/terminalText.ts';
import type { Chunk } from '../../../../src/api/output.ts';
import { english, jobRecord } from '../jobs.ts';

describe('The text of the terminal of a task', () => {
  const run = jobRecord('failed', { exitCode: 3 }).runs[0]!;

  const output = (text: string): Chunk[] => [{ seq: 0, time: '', stream: 'stdout', offset: 0, length: 0, text }];

  it('keeps colours, and begins every line at the left', () => {
    const text = new TerminalText(english);
    assert.equal(
      text.output(output('\x1b[31mred\x1b[0m\nnext\n'), run, { skipped: 0, dropped: 0 }),
      '\x1b[31mred\x1b[0m\r\nnext\r\n',
    );
  });

  it('shows what is left out and how the job ended on dimmed lines, and nothing for a success', () => {
    const text = new TerminalText(english);
    assert.match(
      text.output(output('half'), run, { skipped: 1024, dropped: 2048 }),
      /^\x1b\[2m\[3\.0 KiB not shown\. Use Open Logs to see everything\.\]\x1b\[22m\r\nhalf$/,
    );
    assert.equal(text.runEnd(run), '\r\n\x1b[2m[failed (exit code 3) after 1.5s]\x1b[22m\r\n');
    assert.equal(text.runEnd({ ...run, exitCode: 0, status: 'completed' }), '');
  });
});

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

  it('end with Ctrl+D, which after typed text only sends the text', () => {
    assert.deepEqual(typed('x', '\x04', '\x04'), { echo: 'x', send: 'x', signs: 'D' });
  });

  it('hold no other control characters than tabs', () => {
    assert.deepEqual(typed('a\tb\x1b\x00\r'), { echo: 'a\tb\r\n', send: 'a\tb\n', signs: '' });
  });
});
