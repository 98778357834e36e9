import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { KillResult } from '../../../src/api/control.ts';
import type { Job } from '../../../src/api/job.ts';
import { endText, exitWord, killText, wholeEndText, type End } from '../../../src/text/endText.ts';
import { jobRecord } from '../extension/jobs.ts';

const oom = { reason: 'out_of_memory', signal: 'SIGKILL', exitCode: null } as const;
const killed = { status: 'killed', exitCode: null, signal: 'SIGTERM' } as const;
const ends: [Partial<Job> & Pick<Job, 'status'>, string][] = [
  [{ status: 'completed', exitCode: 0 }, 'completed after 3.2s'],
  [{ status: 'failed', exitCode: 3 }, 'failed (exit code 3) after 3.2s'],
  [{ status: 'failed', exitCode: null, signal: 'SIGSEGV' }, 'failed (SIGSEGV) after 3.2s'],
  [
    {
      status: 'failed',
      exitCode: null,
      durationMs: null,
      error: { code: 'command_not_found', message: 'Command not found: foo' },
    },
    'could not start: Command not found: foo',
  ],
  [{ ...killed, reasonText: 'too\nslow' }, 'stopped (SIGTERM) after 3.2s: too\\nslow'],
  [{ ...killed, reason: 'user' }, 'stopped by a user (SIGTERM) after 3.2s'],
  [{ ...killed, reason: 'agent', signal: null, exitCode: 0 }, 'stopped by an agent (exit code 0) after 3.2s'],
  [{ status: 'timed_out', reason: 'timeout', exitCode: 0 }, 'timed out (exit code 0) after 3.2s'],
  [{ status: 'timed_out', reason: 'idle_timeout', exitCode: null }, 'timed out without output after 3.2s'],
  [{ status: 'timed_out', reason: 'not_ready', exitCode: null }, 'timed out before it was ready after 3.2s'],
  [{ status: 'timed_out', ...oom, reasonText: '9 MiB' }, 'exceeded its memory limit (SIGKILL) after 3.2s: 9 MiB'],
  [{ status: 'failed', ...oom }, 'failed because the system ran out of memory (SIGKILL) after 3.2s'],
  [{ status: 'lost', reason: 'reboot', durationMs: null }, 'lost when the machine was restarted'],
  [
    { status: 'lost', reason: 'supervisor_lost', durationMs: null },
    'lost because the process that records its exit was killed',
  ],
  [{ status: 'lost', durationMs: null }, 'lost, exit status unknown'],
  [
    { status: 'cancelled', reason: 'dependency_failed', reasonText: 'job 1a2b3c4d is failed' },
    'canceled because a dependency was not met: job 1a2b3c4d is failed',
  ],
  [{ status: 'cancelled', reason: 'missed' }, 'canceled because it missed its start time'],
  [{ status: 'cancelled', reason: 'user' }, 'canceled before it ran'],
  [{ status: 'cancelled', reason: 'user', attempt: 0 }, 'canceled before it ran again'],
];

describe('How a job ended', () => {
  for (const [end, text] of ends) {
    it(`is "${text}"`, () => {
      const ran = end.status === 'cancelled' ? {} : { durationMs: 3200 };
      assert.equal(endText(jobRecord(end.status, { ...ran, ...end })), text);
    });
  }

  it('is that a schedule creates no more jobs', () => {
    const schedule = jobRecord('cancelled', { reason: 'user' });
    schedule.options.cron = '* * * * *';
    assert.equal(endText(schedule), 'canceled, it creates no more jobs');
  });

  it('includes the number of attempts and the remaining processes', () => {
    const job: End = { ...jobRecord('failed', { exitCode: 3, durationMs: null }), gaveUp: true, attempt: 5 };
    assert.equal(wholeEndText(job), 'failed (exit code 3), gave up after 5 attempts');
    const leftovers = [
      { pid: 10, command: 'sleep 60' },
      { pid: 11, command: 'sleep 61' },
    ];
    const left = jobRecord('completed', { leftovers });
    assert.equal(wholeEndText(left), 'completed after 1.5s, 2 processes remain');
    assert.equal(wholeEndText({ ...left, leftovers: leftovers.slice(1) }), 'completed after 1.5s, 1 process remains');
  });

  it('has a short word for lists', () => {
    assert.equal(exitWord({ exitCode: 0, signal: null, error: null }), '0');
    assert.equal(exitWord({ exitCode: null, signal: 'SIGTERM', error: null }), 'TERM');
    assert.equal(exitWord({ exitCode: null, signal: null, error: null }), '');
    const error = { code: 'command_not_found', message: 'x' } as const;
    assert.equal(exitWord({ exitCode: null, signal: null, error }), 'command_not_found');
  });
});

describe('What a kill has done', () => {
  const kill = { signal: 'SIGTERM', escalated: false, durationMs: 40, survivors: [], leftoversEnded: 0 } as const;

  it('says how, and whether SIGKILL was needed', () => {
    const result: KillResult = { ...kill, survivors: [], result: 'killed', job: jobRecord('killed') };
    assert.equal(killText(result), 'stopped with SIGTERM in 40ms');
    assert.equal(killText({ ...result, escalated: true }), 'stopped with SIGTERM in 40ms, SIGKILL was needed');
  });

  it('says how a job had ended before', () => {
    const job = jobRecord('failed', { exitCode: 2 });
    const text = killText({ ...kill, survivors: [], result: 'already_terminated', job });
    assert.equal(text, 'had already ended: failed (exit code 2) after 1.5s');
  });
});
