import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { endNotice, type NoticeRules } from '../../../../src/extension/notify/endNotice.ts';
import type { Job } from '../../../../src/api/job.ts';
import type { JobStatus } from '../../../../src/api/values.ts';
import { jobRecord, statusEvent } from '../jobs.ts';

describe('The notice of an end', () => {
  const rules: NoticeRules = {
    enabled: true,
    minimumMs: 1000,
    session: 'shop',
    muted: () => false,
    asked: () => false,
    wanted: () => false,
    isInSight: () => false,
  };

  function notice(status: JobStatus, changes: Partial<Job> = {}, otherRules: Partial<NoticeRules> = {}): string | null {
    const job = jobRecord(status, changes);
    return endNotice({ job, event: statusEvent('running', job) }, { ...rules, ...otherRules });
  }

  it('comes for every failure', () => {
    for (const status of ['failed', 'timed_out', 'lost'] as const)
      assert.equal(notice(status, { durationMs: 1 }), 'failure');
  });

  it('comes for others when they took long', () => {
    assert.equal(notice('completed', { durationMs: 1000 }), 'end');
    assert.equal(notice('completed', { durationMs: 999 }), null);
    assert.equal(notice('killed', { durationMs: 1000 }), 'end');
  });

  it('does not come for what this window has stopped, for muted jobs, or when it is switched off', () => {
    assert.equal(notice('killed', {}, { asked: () => true }), null);
    assert.equal(notice('failed', {}, { muted: () => true }), null);
    assert.equal(notice('failed', {}, { enabled: false }), null);
  });

  it('does not come for what is in sight', () => {
    assert.equal(notice('failed', {}, { isInSight: () => true }), null);
    assert.equal(notice('completed', { durationMs: 1000 }, { isInSight: () => true }), null);
  });

  it('comes in any case for a job that the user wants to be told of, unless this window has stopped it', () => {
    const wanted = { wanted: () => true };
    const others = { enabled: false, muted: () => true, isInSight: () => true, session: 'other', minimumMs: 1e9 };
    for (const status of ['completed', 'failed', 'cancelled'] as const) {
      assert.equal(notice(status, { durationMs: 1 }, { ...others, ...wanted }), 'wanted');
    }
    assert.equal(notice('killed', {}, { ...wanted, asked: () => true }), null);
  });

  it('comes once for a job that is tried again: at its last end', () => {
    const options = {
      ...jobRecord('held').options,
      retry: { maxAttempts: 3, delayMs: 1, backoffFactor: 2, maxDelayMs: 10, jitter: 0 },
    };
    const end = (run: number, job: Job): string | null =>
      endNotice({ job, event: statusEvent('running', job, { to: 'failed', run }) }, rules);
    assert.equal(end(1, jobRecord('pending', { run: 1, options })), null);
    assert.equal(end(1, jobRecord('running', { run: 2, options })), null);
    assert.equal(end(1, jobRecord('failed', { run: 2, options })), null);
    assert.equal(end(2, jobRecord('failed', { run: 2, options, gaveUp: true })), 'failure');
    // A failure that is not worth another attempt.
    assert.equal(end(1, jobRecord('failed', { run: 1, options })), 'failure');
  });

  it('appears for a job that is no longer restarted, however its last run ended', () => {
    assert.equal(notice('completed', { durationMs: 1, gaveUp: true }), 'failure');
  });

  it('appears for a job that was canceled because of another job, but not for one that the user canceled', () => {
    const job = jobRecord('cancelled');
    const cancelled = (reason: 'user' | 'dependency_failed'): string | null =>
      endNotice({ job, event: statusEvent('pending', job, { reason }) }, rules);
    assert.equal(cancelled('dependency_failed'), 'cancelled');
    assert.equal(cancelled('user'), null);
  });

  it('does not come for other sessions, or for what never ran', () => {
    assert.equal(notice('failed', { session: 'cli' }), null);
    assert.equal(notice('cancelled'), null);
  });
});
