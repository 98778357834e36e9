import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import stripAnsi from 'strip-ansi';
import { AnsiStripper } from '../../../../src/extension/output/ansi.ts';

const esc = '\u001B';

describe('AnsiStripper', () => {
  it('takes out colours and cursor movements', () => {
    assert.equal(new AnsiStripper().push(`${esc}[1;31mred${esc}[0m ${esc}[2Kplain${esc}[?25l`), 'red plain');
  });

  it('shows text before an unfinished sequence at once', () => {
    const stripper = new AnsiStripper();
    assert.equal(stripper.push(`Password: ${esc}[3`), 'Password: ');
    assert.equal(stripper.push('2mgreen'), 'green');
  });

  const pieces = fc.array(
    fc.oneof(
      fc.string(),
      fc.constantFrom(
        `${esc}[31m`,
        `${esc}[38;2;1;2;3m`,
        `${esc}]0;a title\u0007`,
        `${esc}]8;;http://x.test${esc}\\`,
        `${esc}Pq#0${esc}\\`,
        `${esc}(B`,
        `${esc}7`,
        '\n',
        'wörter 🎉',
      ),
    ),
  );

  it('makes the same of a text however it is cut', () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(400)), (parts, cuts) => {
        const text = parts.join('');
        const stripper = new AnsiStripper();
        let stripped = '';
        let start = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), text.length]) {
          stripped += stripper.push(text.slice(start, Math.max(cut, start)));
          start = Math.max(cut, start);
        }
        assert.equal(stripped, stripAnsi(text));
      }),
    );
  });

  it('takes what never ends for text, so that nothing is held back for ever', () => {
    const stripper = new AnsiStripper();
    const text = `${esc}]${'x'.repeat(20_000)}`;
    assert.equal(stripper.push(text), text);
  });

  it('forgets an unfinished sequence when output was skipped', () => {
    const stripper = new AnsiStripper();
    stripper.push(`${esc}[3`);
    stripper.reset();
    assert.equal(stripper.push('1m2'), '1m2');
  });
});
