import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'mocha';
import { shellLine, type TaskArgument } from '../../../../src/extension/definitions/shellLine.ts';

describe('The line of a shell task', () => {
  it('gives a shell the words that the task asks for', () => {
    const args: TaskArgument[] = [
      'plain',
      'two words',
      '$X',
      '--f="$X  y"',
      { value: "it's $X", quoting: 2 },
      { value: '$X  z', quoting: 3 },
      { value: '$X "q"', quoting: 1 },
    ];
    const line = shellLine(['printf', '%s,', ...args], 'printf', '/bin/sh', 'linux');
    assert.equal(
      execFileSync('sh', ['-c', line], { encoding: 'utf8', env: { X: 'x' } }),
      'plain,two words,x,--f=x  y,it\'s $X,x  z,x "q",',
    );
  });
});
