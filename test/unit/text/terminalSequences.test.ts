import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import stripAnsi from 'strip-ansi';
import { TerminalFilter, withoutSequences } from '../../../src/text/terminalSequences.ts';

const esc = '\u001B';

describe('TerminalFilter', () => {
  it('takes out colours and cursor movements', () => {
    assert.equal(new TerminalFilter().push(`${esc}[1;31mred${esc}[0m ${esc}[2Kplain${esc}[?25l`), 'red plain');
  });

  it('shows text before an unfinished sequence at once', () => {
    const filter = new TerminalFilter();
    assert.equal(filter.push(`Password: ${esc}[3`), 'Password: ');
    assert.equal(filter.push('2mgreen'), 'green');
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
        const filter = new TerminalFilter();
        let stripped = '';
        let start = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), text.length]) {
          stripped += filter.push(text.slice(start, Math.max(cut, start)));
          start = Math.max(cut, start);
        }
        assert.equal(stripped, stripAnsi(text));
      }),
    );
  });

  it('takes what never ends for text, so that nothing is held back for ever', () => {
    const filter = new TerminalFilter();
    const text = `${esc}]${'x'.repeat(20_000)}`;
    assert.equal(filter.push(text), text);
  });

  it('forgets an unfinished sequence when output was skipped', () => {
    const filter = new TerminalFilter();
    filter.push(`${esc}[3`);
    filter.reset();
    assert.equal(filter.push('1m2'), '1m2');
  });
});

describe('withoutSequences', () => {
  const removed = [
    `${esc}[38:2::1:2:3m`,
    `${esc}[?25l`,
    `${esc}[>1u`,
    `${esc}[4 q`,
    '\u009B31m',
    `${esc}]0;a b c\u0007`,
    `${esc}]8;;http://x.test${esc}\\`,
    `${esc}Pq#0${esc}\\`,
    `${esc}_Gx${esc}\\`,
    `${esc}^x${esc}\\`,
    `${esc}ktitle${esc}\\`,
    `${esc}(B`,
    `${esc}%G`,
    `${esc}#8`,
    `${esc}7`,
    `${esc}=`,
    `${esc}M`,
    `${esc}c`,
  ];
  for (const sequence of removed) {
    it(`removes ${JSON.stringify(sequence)} and nothing else`, () => {
      assert.equal(withoutSequences(`a${sequence}b`), 'ab');
    });
  }

  it('removes what is unfinished at the end', () => {
    assert.equal(withoutSequences(`a${esc}[31`), 'a');
    assert.equal(withoutSequences(`a${esc}]0;tit`), 'a');
  });

  it('takes time that grows with the text alone, also for one that is full of unfinished sequences', () => {
    for (const sequence of [`${esc}]`, `${esc}[`, `${esc}P`, `${esc}[1;`, `${esc}[;`, '\u009B']) {
      const text = sequence.repeat(65_536);
      const start = performance.now();
      withoutSequences(text);
      // util.stripVTControlCharacters takes seconds for the first of them, which is as long as a line may be.
      assert.ok(performance.now() - start < 500, JSON.stringify(sequence));
    }
  });
});
