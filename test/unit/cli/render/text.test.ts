import assert from 'node:assert/strict';
import { commandLine, oneLine, painter, plural } from '../../../../src/cli/render/text.ts';

describe('text for a terminal', () => {
  it('shows control characters instead of sending them', () => {
    assert.equal(oneLine('a\nb\tc\x1b[2Jd\x07\x9b'), 'a\\nb\\tc\\x1b[2Jd\\x07\\x9b');
  });
  it('leaves other scripts and signs alone', () => assert.equal(oneLine('größe 大 🙂'), 'größe 大 🙂'));
  it('shows a program and its arguments as they would be typed', () => {
    const job = { command: null, argv: ['printf', '[%s]', 'a b', "it's", '', '--x=1', '; echo X'] };
    assert.equal(commandLine(job), `printf '[%s]' 'a b' 'it'\\''s' '' --x=1 '; echo X'`);
  });
  it('shows a line as it was given', () => assert.equal(commandLine({ command: 'a | b', argv: null }), 'a | b'));
  it('counts', () => {
    assert.equal(plural(1, 'job'), '1 job');
    assert.equal(plural(0, 'process', 'processes'), '0 processes');
  });
});

describe('colours', () => {
  const coloured = '\x1b[31mx\x1b[39m';
  it('are used on a terminal', () => assert.equal(painter({ isTTY: true }, {})('red', 'x'), coloured));
  it('are not used in a pipe', () => assert.equal(painter({}, {})('red', 'x'), 'x'));
  it('are not used with NO_COLOR', () => assert.equal(painter({ isTTY: true }, { NO_COLOR: '1' })('red', 'x'), 'x'));
  it('are used with an empty NO_COLOR', () =>
    assert.equal(painter({ isTTY: true }, { NO_COLOR: '' })('red', 'x'), coloured));
});
