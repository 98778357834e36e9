import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withoutIcons, withoutLinks } from '../../../../src/extension/base/readableText.ts';

describe('Text of jobs in the editor', () => {
  it('makes no links in messages', () => {
    assert.doesNotMatch(withoutLinks('[run](command:x) [a](https://b.test)'), /\]\(/);
    assert.equal(withoutLinks('make [all] (twice)'), 'make [all] (twice)');
  });

  it('makes no icons in lists', () => {
    assert.equal(withoutIcons('make -j$(nproc) $(sync~spin) $(cat x)'), 'make -j\\$(nproc) \\$(sync~spin) $(cat x)');
  });
});
