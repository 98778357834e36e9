import assert from 'node:assert/strict';
import { compareVersions } from '../../../src/client/hostRecord.ts';

describe('compareVersions', () => {
  it('knows which is older', () => {
    const sorted = ['0.1.0', '0.1.9', '0.1.10', '0.2.0', '1.0.0', '10.0.0'];
    for (const [index, one] of sorted.entries()) {
      for (const [other, two] of sorted.entries())
        assert.equal(Math.sign(compareVersions(one, two)), Math.sign(index - other));
    }
  });

  it('ignores what follows the numbers', () => {
    assert.equal(compareVersions('1.2.3-beta.1', '1.2.3+5'), 0);
  });

  it('treats text that is not a version as no version', () => {
    assert.equal(compareVersions('', ''), 0);
  });
});
