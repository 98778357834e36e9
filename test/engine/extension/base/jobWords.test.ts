import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'mocha';
import { commandLine, duration, elapsed, endWords, jobTitle } from '../../../../src/extension/base/jobWords.ts';
import type { Run } from '../../../../src/api/job.ts';
import { english, jobRecord, runRecord } from '../../../unit/extension/jobs.ts';

describe('The words for a job', () => {
  it('call it by its name, else by the first line of its command', () => {
    assert.equal(jobTitle(jobRecord('running', { name: 'server' })), 'server');
    assert.equal(jobTitle(jobRecord('running', { command: ' make all ' })), 'make all');
    assert.equal(jobTitle(jobRecord('running', { command: 'cd x\nmake' })), 'cd x…');
    assert.equal(jobTitle(jobRecord('running', { command: 'x'.repeat(500) })).length, 120);
  });

  it('write an argument list so that a shell reads the same arguments', () => {
    const argv = ['printf', '[%s]', 'a b', "it's", '$HOME', '', 'x;y', '-n', 'ü'];
    const line = commandLine({ command: null, argv });
    const read = execFileSync('sh', ['-c', `for a in ${line}; do printf '%s\\n' "$a"; done`], { encoding: 'utf8' });
    assert.deepEqual(read.split('\n').slice(0, -1), argv);
  });

  it('tell time in the two largest units, of what goes on no finer than is read', () => {
    assert.equal(elapsed(999), '0s');
    assert.equal(elapsed(9999), '9s');
    assert.equal(elapsed(59_999), '55s');
    assert.equal(elapsed(69_900), '1m');
    assert.equal(elapsed(70_000), '1m 10s');
    assert.equal(elapsed(3 * 3_600_000 + 61_000), '3h 1m');
    assert.equal(duration(42), '42ms');
    assert.equal(duration(3200), '3.2s');
  });

  const ends: [Partial<Run>, string][] = [
    [{ status: 'completed', exitCode: 0 }, 'exited 0 after 3.2s'],
    [{ status: 'failed', exitCode: 3 }, 'exited 3 after 3.2s'],
    [{ status: 'failed', exitCode: null, signal: 'SIGSEGV' }, 'ended by SIGSEGV after 3.2s'],
    [
      {
        status: 'failed',
        exitCode: null,
        durationMs: null,
        error: { code: 'command_not_found', message: 'no such command: foo' },
      },
      'could not start: no such command: foo',
    ],
    [
      { status: 'killed', exitCode: null, signal: 'SIGTERM', reasonText: 'too slow' },
      'killed by SIGTERM after 3.2s: too slow',
    ],
    [{ status: 'timed_out', reason: 'timeout', exitCode: null }, 'ended: its time was up after 3.2s'],
    [{ status: 'timed_out', reason: 'idle_timeout', exitCode: null }, 'ended: no output for too long after 3.2s'],
    [{ status: 'timed_out', reason: 'out_of_memory' }, 'ended: it needed more memory than it may after 3.2s'],
    [
      { status: 'failed', reason: 'out_of_memory', signal: 'SIGKILL', exitCode: null },
      'ended by the system: out of memory after 3.2s',
    ],
    [{ status: 'lost', reason: 'reboot', exitCode: null, durationMs: null }, 'lost: the machine went down'],
  ];
  for (const [end, words] of ends) {
    it(`say "${words}"`, () => {
      const run = runRecord(jobRecord('completed'), { durationMs: 3200, ...end });
      assert.equal(endWords(run, english), words);
    });
  }
});
