import assert from 'node:assert/strict';
import { bytes, commandLine, english, jobTitle, oneLine, plural } from '../../../src/text/grammar.ts';
import { jobRecord } from '../extension/jobs.ts';

describe('text for a terminal', () => {
  it('shows control characters instead of sending them', () => {
    assert.equal(oneLine('a\nb\tc\x1b[2Jd\x07\x9b'), 'a\\nb\\tc\\x1b[2Jd\\x07\\x9b');
  });
  it('shows what would change the order of the letters', () => {
    assert.equal(oneLine('a\u202etxt.exe\u2066b\u200f'), 'a\\u202etxt.exe\\u2066b\\u200f');
    assert.equal(jobTitle(jobRecord('running', { name: 'a\u202eb\x9b' })), 'a\\u202eb\\x9b');
  });
  it('does not change other scripts and symbols', () => assert.equal(oneLine('größe 大 🙂'), 'größe 大 🙂'));
  it('shows a program and its arguments as they would be typed', () => {
    const job = { command: null, argv: ['printf', '[%s]', 'a b', "it's", '', '--x=1', '; echo X'] };
    assert.equal(commandLine(job), `printf '[%s]' 'a b' 'it'\\''s' '' --x=1 '; echo X'`);
  });
  it('shows a line as it was given', () => assert.equal(commandLine({ command: 'a | b', argv: null }), 'a | b'));
  it('counts', () => {
    assert.equal(plural(1, 'job'), '1 job');
    assert.equal(plural(0, 'process', 'processes'), '0 processes');
  });
  it('fills in values', () => assert.equal(english('{1} of {0}{1}', 3, 'a'), 'a of 3a'));
  it('calls a job by its name, else by the first line of its command', () => {
    assert.equal(jobTitle(jobRecord('running', { name: 'server' })), 'server');
    assert.equal(jobTitle(jobRecord('running', { command: ' make all ' })), 'make all');
    assert.equal(jobTitle(jobRecord('running', { command: 'cd x\nmake' })), 'cd x…');
    assert.equal(jobTitle(jobRecord('running', { command: 'x'.repeat(500) })).length, 120);
  });
  it('shows sizes', () => {
    assert.deepEqual([0, 1023, 1024, 1_572_864, 5 * 1024 ** 3].map(bytes), [
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 MiB',
      '5.0 GiB',
    ]);
  });
});
