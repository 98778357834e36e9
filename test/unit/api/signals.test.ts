import fc from 'fast-check';
import assert from 'node:assert/strict';
import { BgJobsError } from '../../../src/api/errors.ts';
import { deliversOnly, parseSignal, signalNames } from '../../../src/api/signals.ts';

const isUnknown = (error: unknown): boolean => error instanceof BgJobsError && error.code === 'unknown_signal';

describe('parseSignal', () => {
  it('takes every name with and without SIG, in any case', () => {
    const spelling = fc.tuple(
      fc.constantFrom(...signalNames),
      fc.boolean(),
      fc.infiniteStream(fc.boolean()),
      fc.constantFrom('', ' ', '\t'),
    );
    fc.assert(
      fc.property(spelling, ([name, withPrefix, upper, space]) => {
        const word = withPrefix ? name : name.slice(3);
        const text = [...word].map((letter) => (upper.next().value ? letter : letter.toLowerCase())).join('');
        assert.equal(parseSignal(`${space}${text}${space}`), name);
      }),
    );
  });

  it('never returns a signal for an unknown name', () => {
    for (const text of [
      '',
      'SIG',
      'SIGSIGTERM',
      'STOP',
      'CONT',
      '9',
      '15',
      'TERMINATE',
      'KILL9',
      'SIG KILL',
      'ＫＩＬＬ',
    ]) {
      assert.throws(() => parseSignal(text), isUnknown, text);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        let name: string;
        try {
          name = parseSignal(text);
        } catch (error) {
          assert.ok(isUnknown(error));
          return;
        }
        assert.ok(['', 'SIG'].some((prefix) => prefix + text.trim().toUpperCase() === name));
      }),
      { numRuns: 2000 },
    );
  });

  it('names what it knows', () => {
    assert.throws(
      () => parseSignal('boo'),
      (error) =>
        error instanceof BgJobsError && error.message.includes('SIGUSR2') && error.details?.['signal'] === 'boo',
    );
  });
});

describe('deliversOnly', () => {
  it('is for the two signals that mean nothing by themselves', () => {
    assert.deepEqual(signalNames.filter(deliversOnly), ['SIGUSR1', 'SIGUSR2']);
  });
});
