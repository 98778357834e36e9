import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { LineSplitter } from '../../../src/text/textStream.ts';

describe('LineSplitter', () => {
  function split(pieces: readonly string[], longest?: number): string[] {
    const splitter = new LineSplitter(longest);
    return [...pieces.flatMap((piece) => [...splitter.push(piece)]), splitter.end()];
  }

  it('gives the same lines wherever the text is cut', () => {
    const text = fc.array(fc.constantFrom('a', 'é', '\r', '\n')).map((characters) => characters.join(''));
    fc.assert(fc.property(fc.array(text), (pieces) => assert.deepEqual(split(pieces), pieces.join('').split('\n'))));
  });

  it('returns a line once when it becomes too long, and skips the rest', () => {
    const splitter = new LineSplitter(4);
    assert.deepEqual([...splitter.push('abc')], []);
    assert.deepEqual([...splitter.push('def')], ['abcdef']);
    assert.deepEqual([...splitter.push('ghi')], []);
    assert.deepEqual([...splitter.push('j\nk\nlong line\nm\n')], ['k', 'long line', 'm']);
    assert.deepEqual(split(['four\n', 'fo', 'ur'], 4), ['four', 'four']);
  });

  it('drops a line of which a part is missing, up to its end', () => {
    const splitter = new LineSplitter();
    assert.deepEqual([...splitter.push('a\nhal')], ['a']);
    splitter.skipLine();
    assert.deepEqual([...splitter.push('f\nwhole\n')], ['whole']);
  });

  it('returns the last line only once', () => {
    const splitter = new LineSplitter();
    assert.deepEqual([[...splitter.push('last')], splitter.end(), splitter.end()], [[], 'last', '']);
  });
});
