import assert from 'node:assert/strict';
import { painter } from '../../../../src/cli/render/paint.ts';

describe('colours', () => {
  const coloured = '\x1b[31mx\x1b[39m';
  it('are used on a terminal', () => assert.equal(painter({ isTTY: true }, {})('red', 'x'), coloured));
  it('are not used in a pipe', () => assert.equal(painter({}, {})('red', 'x'), 'x'));
  it('are not used with NO_COLOR', () => assert.equal(painter({ isTTY: true }, { NO_COLOR: '1' })('red', 'x'), 'x'));
  it('are used with an empty NO_COLOR', () =>
    assert.equal(painter({ isTTY: true }, { NO_COLOR: '' })('red', 'x'), coloured));
});
