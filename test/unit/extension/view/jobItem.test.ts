import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  jobAccessibleLabel,
  jobDescription,
  jobFlags,
  jobIcon,
  statusIcons,
} from '../../../../src/extension/view/jobItem.ts';
import type { Job } from '../../../../src/api/job.ts';
import type { JobStatus } from '../../../../src/api/values.ts';
import { english } from '../../../../src/text/grammar.ts';
import { editorWording, type NameOf } from '../../../../src/text/stateText.ts';
import { jobRecord } from '../jobs.ts';

const wording = (now: number, nameOf?: NameOf) => editorWording(english, now, nameOf);

const withRetry: Job['options'] = {
  ...jobRecord('held').options,
  retry: { maxAttempts: 5, delayMs: 1000, backoffFactor: 2, maxDelayMs: 300_000, jitter: 0.1 },
};

function waitsForJobs(...ids: string[]): Partial<Job> {
  const jobs = ids.map((jobId) => ({ jobId, condition: 'succeeded' as const, status: 'running' as const }));
  return { waitingFor: { type: 'dependency', jobs } };
}

describe('The description of a job in the tree', () => {
  const cases: [JobStatus, Partial<Job>, string][] = [
    ['held', {}, 'on hold'],
    ['pending', {}, 'waiting'],
    ['pending', { waitingFor: { type: 'limit', scope: 'host', maximum: 10 } }, 'job limit reached (10)'],
    ['pending', { waitingFor: { type: 'limit', scope: 'session', maximum: 5 } }, 'session limit reached (5)'],
    ['pending', { waitingFor: { type: 'paused', scope: 'session' } }, 'its session is paused'],
    ['pending', { waitingFor: { type: 'resources', text: 'too little memory' } }, 'too little memory'],
    ['pending', waitsForJobs('one-long-id', 'two'), 'waits for one-long, two'],
    ['pending', waitsForJobs('one', 'two', 'three', 'four'), 'waits for one, two, 2 more'],
    [
      'pending',
      { waitingFor: { type: 'mutex', mutex: 'db', jobId: 'one' } },
      'waits for one, which holds the mutex db',
    ],
    ['starting', {}, 'starting'],
    ['running', {}, '1m'],
    ['running', { ready: false }, 'not ready · 1m'],
    ['running', { ready: true }, 'ready · 1m'],
    ['completed', { ready: true }, '1.5s'],
    ['paused', { pausedAt: '2999-01-01T00:00:00.000Z' }, 'paused · 0s'],
    ['stopping', {}, 'stopping · 1m'],
    ['completed', {}, '1.5s'],
    ['failed', { exitCode: 3 }, 'exit code 3 · 1.5s'],
    ['failed', { signal: 'SIGSEGV' }, 'SIGSEGV · 1.5s'],
    [
      'failed',
      { error: { code: 'command_not_found', message: 'no foo' }, durationMs: null },
      'could not start: no foo',
    ],
    ['killed', { signal: 'SIGTERM' }, 'SIGTERM · 1.5s'],
    ['timed_out', {}, 'timed out · 1.5s'],
    ['timed_out', { reason: 'out_of_memory' }, 'exceeded its memory limit · 1.5s'],
    [
      'failed',
      { reason: 'out_of_memory', signal: 'SIGKILL', exitCode: null },
      'failed because the system ran out of memory · 1.5s',
    ],
    ['lost', { durationMs: null }, 'lost, exit status unknown'],
    ['cancelled', {}, 'canceled before it ran'],
    ['cancelled', { reason: 'dependency_failed' }, 'canceled because a dependency was not met'],
    ['cancelled', { reason: 'missed' }, 'canceled because it missed its start time'],
    ['running', { attempt: 2, options: withRetry }, '1m · attempt 2 of 5'],
    ['running', { attempt: 2 }, '1m · attempt 2'],
    ['completed', { attempt: 3, options: withRetry }, '1.5s · attempt 3 of 5'],
    ['failed', { exitCode: 3, attempt: 5, gaveUp: true }, 'exit code 3 · 1.5s · gave up after 5 attempts'],
    ['completed', { leftovers: [{ pid: 1, command: 'x' }] }, '1.5s · 1 process remains'],
    ['completed', { pinned: true }, '1.5s · pinned'],
  ];
  for (const [status, changes, words] of cases) {
    it(`of one that is ${status} is "${words}"`, () => {
      const job = jobRecord(status, changes);
      const now = Date.parse(job.startedAt ?? job.createdAt) + 65_400;
      assert.equal(jobDescription(job, wording(now)), words);
    });
  }

  const now = Date.parse('2026-01-02T17:00:00.000Z');
  const until = (ms: number): string => new Date(now + ms).toISOString();
  const clock = (ms: number): string => new Date(now + ms).toLocaleTimeString([], { timeStyle: 'short' });
  const date = (ms: number): string =>
    new Date(now + ms).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  const scheduled = (ms: number, cron: string | null): string => {
    const time = { dueAt: until(ms), waitingFor: { type: 'time' as const, until: until(ms) } };
    const options = { ...jobRecord('held').options, cron };
    return jobDescription(jobRecord('scheduled', { ...time, options }), wording(now));
  };
  const [hour, day] = [3_600_000, 86_400_000];

  it('says when its time comes, and within an hour how long that is', () => {
    assert.equal(scheduled(2 * hour, null), `starts at ${clock(2 * hour)}`);
    assert.equal(scheduled(2 * hour, '0 * * * *'), `next run at ${clock(2 * hour)}`);
    assert.equal(scheduled(2 * day, null), `starts at ${date(2 * day)}`);
    assert.equal(scheduled(245_000, '0 * * * *'), `next run at ${clock(245_000)} (in 5m)`);
    assert.equal(scheduled(95_000, null), `starts at ${clock(95_000)} (in 1m 40s)`);
    assert.equal(scheduled(-1, null), `starts at ${clock(-1)}`);
  });

  it('says how far it is, and how long that takes', () => {
    const row = (changes: Partial<Job>): string =>
      jobDescription(jobRecord('running', { startedAt: until(-65_000), ...changes }), wording(now));
    const progress = { percent: 45.9, done: null, total: null, text: '45.9%|███   |' };
    assert.equal(row({ progress }), '45% · 1m');
    assert.equal(row({ progress: { ...progress, done: 12, total: 40 } }), '12 of 40 · 1m');
    assert.equal(row({ progress, expectedEnd: until(150_000) }), '45%, about 3m left · 1m');
    assert.equal(row({ expectedEnd: until(30_000), ready: true }), 'ready · about 30s left · 1m');
    assert.equal(row({ progress, expectedEnd: until(-1) }), '45% · 1m');
    const label = jobAccessibleLabel(jobRecord('running', { startedAt: until(-65_000), progress }), wording(now));
    assert.equal(label, 'make all, running, 45%, 1m');
  });

  it('says which attempt comes when', () => {
    const retry = (ms: number, maxAttempts: number | null): string =>
      jobDescription(
        jobRecord('pending', { waitingFor: { type: 'retry', until: until(ms), attempt: 2, maxAttempts } }),
        wording(now),
      );
    assert.equal(retry(4100, 5), `attempt 2 of 5 at ${clock(4100)} (in 5s)`);
    assert.equal(retry(2 * hour, null), `attempt 2 at ${clock(2 * hour)}`);
  });

  it('calls the jobs that it waits for by their names', () => {
    const names: Record<string, string> = { a: 'build', b: 'x'.repeat(50) };
    const text = jobDescription(
      jobRecord('pending', waitsForJobs('a', 'b')),
      wording(now, (id) => names[id] ?? id),
    );
    assert.equal(text, `waits for build, ${'x'.repeat(39)}…`);
  });

  it('comes with another color when it is ready', () => {
    const colors = [null, false, true].map((ready) => jobIcon({ status: 'running', ready }).color);
    assert.deepEqual(colors, ['charts.blue', 'charts.blue', 'charts.green']);
    assert.deepEqual(jobIcon({ status: 'failed', ready: true }), statusIcons.failed);
  });

  it('is read to those who do not see the icon', () => {
    const job = jobRecord('failed', { name: 'build', exitCode: 2 });
    assert.equal(jobAccessibleLabel(job, wording(0)), 'build, failed (exit code 2), 1.5s');
  });
});

describe('What can be done with a job', () => {
  const flags = (status: JobStatus, changes: Partial<Job> = {}): string =>
    jobFlags(jobRecord(status, changes), false).join(' ');
  const withPipe = { options: { ...jobRecord('held').options, stdin: 'pipe' as const } };

  it('depends on its status', () => {
    assert.equal(
      flags('running'),
      'job kill signal pause restart rerun attach log problems inspect rename pin mute notify',
    );
    assert.equal(
      flags('paused'),
      'job kill signal resume restart rerun attach log problems inspect rename pin mute notify',
    );
    assert.equal(flags('stopping'), 'job kill signal restart rerun attach log problems inspect rename pin mute notify');
    assert.equal(flags('pending'), 'job cancel rerun edit hold move priority dependencies rename pin mute notify');
    assert.equal(
      flags('scheduled'),
      'job cancel rerun edit hold startNow priority dependencies rename pin mute notify',
    );
    assert.equal(flags('held'), 'job rerun edit release priority dependencies remove rename pin mute notify');
    assert.equal(flags('completed'), 'job restart rerun attach log problems remove rename pin mute');
    assert.match(flags('failed'), /\bexplain\b/);
    assert.equal(flags('cancelled'), 'job restart rerun remove rename pin mute');
  });

  it('depends on what it waits for: only a job that may start has a position in the queue', () => {
    const until = '2026-01-02T17:30:00.000Z';
    const later: Job['waitingFor'] = { type: 'retry', until, attempt: 2, maxAttempts: 3 };
    assert.doesNotMatch(flags('pending', waitsForJobs('one')), /\bmove\b/);
    assert.doesNotMatch(flags('pending', { waitingFor: later }), /\bmove\b/);
    assert.match(flags('pending', { waitingFor: { type: 'paused', scope: 'host' } }), /\bmove\b/);
    assert.match(flags('running', { schedule: 'x' }), /\bschedule\b/);
  });

  it('depends on its options and on its leftover processes', () => {
    assert.match(flags('running', withPipe), /\binput\b/);
    assert.match(flags('running', { ready: true, url: 'http://localhost:1' }), /\bbrowse\b/);
    assert.doesNotMatch(flags('killed', { ready: true, url: 'http://localhost:1' }), /\bbrowse\b/);
    assert.doesNotMatch(flags('completed', withPipe), /\binput\b/);
    assert.match(flags('completed', { leftovers: [{ pid: 1, command: 'x' }] }), /\bkill\b.*\binspect\b/);
    assert.match(flags('completed', { pinned: true }), /\bunpin\b/);
    assert.ok(jobFlags(jobRecord('held'), true).includes('unmute'));
    assert.match(jobFlags(jobRecord('completed'), false, true).join(' '), /\bdontNotify\b/);
  });
});
