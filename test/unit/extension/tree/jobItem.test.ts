import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { jobAccessibleLabel, jobDescription, jobIcon, statusIcons } from '../../../../src/extension/tree/jobItem.ts';
import { jobFlags } from '../../../../src/extension/tree/jobFlags.ts';
import type { Job } from '../../../../src/protocol/job.ts';
import type { JobStatus } from '../../../../src/protocol/states.ts';
import { english, jobRecord } from '../jobs.ts';

describe('The description of a job in the tree', () => {
  const cases: [JobStatus, Partial<Job>, string][] = [
    ['held', {}, 'held'],
    ['pending', {}, 'waiting'],
    ['pending', { waitingFor: { type: 'limit', scope: 'host', maximum: 10 } }, 'waits: 10 jobs run already'],
    [
      'pending',
      { waitingFor: { type: 'limit', scope: 'session', maximum: 5 } },
      'waits: 5 jobs of this session run already',
    ],
    ['starting', {}, 'starting'],
    ['running', {}, '1m'],
    ['running', { ready: false }, 'not ready · 1m'],
    ['running', { ready: true }, 'ready · 1m'],
    ['completed', { ready: true }, '1.5s'],
    ['paused', {}, 'paused · 1m'],
    ['stopping', {}, 'stopping · 1m'],
    ['completed', {}, '1.5s'],
    ['failed', { exitCode: 3 }, 'exit 3 · 1.5s'],
    ['failed', { signal: 'SIGSEGV' }, 'SIGSEGV · 1.5s'],
    ['failed', { error: { code: 'command_not_found', message: 'no foo' }, durationMs: null }, 'no foo'],
    ['killed', { signal: 'SIGTERM' }, 'SIGTERM · 1.5s'],
    ['timed_out', {}, 'timed out · 1.5s'],
    ['timed_out', { reason: 'out_of_memory' }, 'over its memory limit · 1.5s'],
    ['failed', { reason: 'out_of_memory', signal: 'SIGKILL', exitCode: null }, 'out of memory · 1.5s'],
    ['lost', { durationMs: null }, 'lost'],
    ['cancelled', {}, 'cancelled'],
    ['completed', { leftovers: [{ pid: 1, command: 'x' }] }, '1.5s · 1 process remains'],
    ['completed', { pinned: true }, '1.5s · pinned'],
  ];
  for (const [status, changes, words] of cases) {
    it(`of one that is ${status} is "${words}"`, () => {
      const job = jobRecord(status, changes);
      const now = Date.parse(job.startedAt ?? job.createdAt) + 65_400;
      assert.equal(jobDescription(job, now, english), words);
    });
  }

  it('comes with another colour when it is ready', () => {
    const colors = [null, false, true].map((ready) => jobIcon({ status: 'running', ready }).color);
    assert.deepEqual(colors, ['charts.blue', 'charts.yellow', 'charts.green']);
    assert.deepEqual(jobIcon({ status: 'failed', ready: true }), statusIcons.failed);
  });

  it('is read to those who do not see the icon', () => {
    const job = jobRecord('failed', { name: 'build', exitCode: 2 });
    assert.equal(jobAccessibleLabel(job, 0, english), 'build, exited 2 after 1.5s, exit 2 · 1.5s');
  });
});

describe('What can be done with a job', () => {
  const flags = (status: JobStatus, changes: Partial<Job> = {}): string =>
    jobFlags(jobRecord(status, changes), false).join(' ');
  const withPipe = { options: { ...jobRecord('held').options, stdin: 'pipe' as const } };

  it('goes by its status', () => {
    assert.equal(flags('running'), 'job kill signal pause restart log inspect pin mute');
    assert.equal(flags('paused'), 'job kill signal resume restart log inspect pin mute');
    assert.equal(flags('stopping'), 'job kill signal restart log inspect pin mute');
    assert.equal(flags('pending'), 'job kill pin mute');
    assert.equal(flags('held'), 'job release remove pin mute');
    assert.equal(flags('completed'), 'job restart log remove pin mute');
    assert.equal(flags('cancelled'), 'job restart remove pin mute');
  });

  it('goes by its options and by what it has left behind', () => {
    assert.match(flags('running', withPipe), /\binput\b/);
    assert.match(flags('running', { ready: true, url: 'http://localhost:1' }), /\bbrowse\b/);
    assert.doesNotMatch(flags('killed', { ready: true, url: 'http://localhost:1' }), /\bbrowse\b/);
    assert.doesNotMatch(flags('completed', withPipe), /\binput\b/);
    assert.match(flags('completed', { leftovers: [{ pid: 1, command: 'x' }] }), /\bkill\b.*\binspect\b/);
    assert.match(flags('completed', { pinned: true }), /\bunpin\b/);
    assert.deepEqual(jobFlags(jobRecord('held'), true).at(-1), 'unmute');
  });
});
