import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cutBytes } from '../../../src/text/textStream.ts';

describe('cutBytes', () => {
  it('counts the bytes of an incomplete character', () => {
    const bytes = Buffer.from('a€😀é');
    const cuts = Array.from({ length: bytes.length + 1 }, (_, length) => cutBytes(bytes.subarray(0, length)));
    assert.deepEqual(cuts, [0, 0, 1, 2, 0, 1, 2, 3, 0, 1, 0]);
  });

  it('leaves what the text decodes to as it is, wherever it cuts and whatever the bytes are', () => {
    const awkward = fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc3, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5, 0xff);
    const anything = fc.array(fc.oneof(awkward, fc.nat(255)), { maxLength: 12 });
    const wellFormed = fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => [...Buffer.from(text)]);
    fc.assert(
      fc.property(fc.oneof(anything, wellFormed), fc.nat(12), (values, at) => {
        const bytes = Buffer.from(values);
        const cut = Math.min(at, bytes.length);
        const border = cut - cutBytes(bytes.subarray(0, cut));
        assert.equal(bytes.toString('utf8', 0, border) + bytes.toString('utf8', border), bytes.toString('utf8'));
      }),
      { numRuns: 2000 },
    );
  });
});
