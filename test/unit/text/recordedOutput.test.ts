import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { LineRenderer } from '../../../src/text/lineRenderer.ts';
import { LineTaker } from '../../../src/text/lineTaker.ts';
import { textLines, xtermLines } from '../../helpers/terminal.ts';

/** What real programs wrote: `NAME.terminal.txt` into a terminal, `NAME.file.txt` into a file. */
const folder = join('test', 'fixtures', 'recorded-output');
const files = readdirSync(folder);

describe('What a terminal shows of the output of real programs', () => {
  it('was recorded of many', () => {
    const programs = new Set(files.map((file) => file.split('.')[0]));
    assert.ok(programs.size >= 25, [...programs].join(' '));
  });

  for (const file of files) {
    it(`is what is shown of ${file}`, async () => {
      const text = readFileSync(join(folder, file), 'utf8');
      const renderer = new LineRenderer();
      const lines = new LineTaker();
      for (let at = 0; at < text.length; at += 100) {
        renderer.push(text.slice(at, at + 100));
        lines.push(text.slice(at, at + 100), 0, '');
      }
      const expected = await xtermLines(text);
      assert.deepEqual(textLines(renderer.text()), expected);
      // A channel has no lines that were drawn and then erased.
      const isThere = (line: string): boolean => line !== '';
      assert.deepEqual(textLines(lines.end()).filter(isThere), expected.filter(isThere));
    });
  }
});
