import assert from 'node:assert/strict';
import { compareVersions } from '../../../src/client/findHost.ts';

describe('compareVersions', () => {
  it('knows which is older', () => {
    const sorted = ['0.1.0', '0.1.9', '0.1.10', '0.2.0', '1.0.0', '10.0.0'];
    for (const [index, one] of sorted.entries()) {
      for (const [other, two] of sorted.entries())
        assert.equal(Math.sign(compareVersions(one, two)), Math.sign(index - other));
    }
  });

  it('looks at nothing behind the numbers', () => {
    assert.equal(compareVersions('1.2.3-beta.1', '1.2.3+5'), 0);
  });

  it('takes what is no version for none', () => {
    assert.equal(compareVersions('', ''), 0);
  });
});
