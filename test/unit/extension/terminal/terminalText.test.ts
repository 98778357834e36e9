import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { TerminalText } from '../../../../src/extension/terminal/terminalText.ts';
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

  it('tells what is left out and how it ended on dimmed lines of their own, and of a good end nothing', () => {
    const text = new TerminalText(english);
    assert.match(
      text.output(output('half'), run, { skipped: 1024, dropped: 2048 }),
      /^\x1b\[2m\[3\.0 KiB are left out; the full log is \S+\]\x1b\[22m\r\nhalf$/,
    );
    assert.equal(text.runEnd(run), '\r\n\x1b[2m[failed (exit code 3) after 1.5s]\x1b[22m\r\n');
    assert.equal(text.runEnd({ ...run, exitCode: 0, status: 'completed' }), '');
  });
});
