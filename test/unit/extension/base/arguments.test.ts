import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseArguments } from '../../../../src/extension/base/arguments.ts';
import { commandLine } from '../../../../src/text/grammar.ts';

describe('Arguments as they are typed', () => {
  it('are words, with quotes around spaces', () => {
    assert.deepEqual(parseArguments(''), []);
    assert.deepEqual(parseArguments(`  --allowedTools 'Bash(git *) Edit'  -x="a b"\t\\"`), [
      '--allowedTools',
      'Bash(git *) Edit',
      '-x=a b',
      '"',
    ]);
  });

  it('come back from how they are shown', () => {
    const argv = ['plain', `it's "both"`, 'a b', '$HOME', '\\'];
    assert.deepEqual(parseArguments(commandLine({ command: null, argv })), argv);
  });
});
