import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'mocha';
import { commandText } from '../../../src/text/grammar.ts';

describe('The command of a job', () => {
  it('is written so that a shell reads the same arguments', () => {
    const argv = ['printf', '[%s]', 'a b', "it's", '$HOME', '', 'x;y', '-n', 'ü'];
    const line = commandText({ command: null, argv });
    const read = execFileSync('sh', ['-c', `for a in ${line}; do printf '%s\\n' "$a"; done`], { encoding: 'utf8' });
    assert.deepEqual(read.split('\n').slice(0, -1), argv);
  });
});
