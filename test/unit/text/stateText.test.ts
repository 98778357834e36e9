import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { WaitingFor } from '../../../src/api/job.ts';
import {
  agentWording,
  limitsText,
  readyText,
  stateText,
  stateWord,
  terminalWording,
  waitingText,
  type Wording,
} from '../../../src/text/stateText.ts';
import { jobRecord } from '../extension/jobs.ts';

const until = '2026-11-20T17:30:00.000Z';
const terminal = terminalWording(Date.parse(until) - 250_000);
const agent = agentWording(0);

function why(waitingFor: WaitingFor, wording: Wording = agent): string {
  return waitingText(jobRecord('pending', { waitingFor }), wording);
}

describe('Why a job waits', () => {
  it('names the limit', () => {
    assert.equal(why({ type: 'limit', scope: 'host', maximum: 10 }), 'job limit reached (10)');
    assert.equal(why({ type: 'limit', scope: 'session', maximum: 5 }), 'session limit reached (5)');
  });

  it('gives agents the time as it is, and people the time by their clock', () => {
    const retry = { type: 'retry', until, attempt: 2, maxAttempts: 5 } as const;
    assert.equal(why(retry), `attempt 2 of 5 at ${until}`);
    assert.match(why(retry, terminal), /^attempt 2 of 5 in 4m 10s \(.*\d\d:\d\d:00\)$/);
    assert.equal(why({ ...retry, maxAttempts: null }), `attempt 2 at ${until}`);
    assert.equal(why({ type: 'time', until }), `starts at ${until}`);
  });

  it('names only the first of many jobs', () => {
    const one = { jobId: '1a2b3c4d-0', condition: 'succeeded', status: 'running' } as const;
    const gone = { jobId: '2a2b3c4d-0', condition: 'ready', status: null } as const;
    assert.equal(
      why({ type: 'dependency', jobs: [one, gone] }),
      'waits for 1a2b3c4d (running) to succeed, 2a2b3c4d (removed) to be ready',
    );
    assert.match(why({ type: 'dependency', jobs: Array.from({ length: 5 }, () => one) }), /, 3 more$/);
  });

  it('keeps control characters from the terminal', () => {
    const mutex = { type: 'mutex', mutex: 'a\u001b[2J', jobId: '1a2b3c4d-0' } as const;
    assert.equal(why(mutex, terminal), 'waits for 1a2b3c4d, which holds the mutex a\\x1b[2J');
  });
});

describe('The state of a job', () => {
  it('is how long it runs, its process, its attempt and whether it is ready', () => {
    const job = jobRecord('running', { attempt: 2, ready: true, url: 'http://localhost:3000/' });
    const now = Date.parse(job.startedAt ?? '') + 65_400;
    const text = 'running for 1m 5s, pid 4711, attempt 2, ready at http://localhost:3000/';
    assert.equal(stateText(job, agentWording(now)), text);
    assert.equal(
      stateText({ ...job, ready: null, status: 'paused' }, agentWording(now)),
      'paused, started 1m 5s ago, pid 4711, attempt 2',
    );
  });

  it('is why it waits', () => {
    const waitingFor = { type: 'paused', scope: 'host' } as const;
    assert.equal(stateText(jobRecord('pending', { waitingFor }), agent), 'pending, the queue is paused');
  });

  it('is how it ended', () => {
    assert.equal(stateText(jobRecord('failed', { exitCode: 3 }), agent), 'failed (exit code 3) after 1.5s');
  });

  it('is short in lists', () => {
    const job = jobRecord('scheduled', { waitingFor: { type: 'time', until } });
    assert.equal(stateWord(job, Date.parse(until) - 250_000), 'scheduled, in 4m 10s');
    assert.equal(stateWord(jobRecord('running', { attempt: 2, ready: false }), 0), 'running, attempt 2, not ready');
    assert.equal(stateWord(jobRecord('failed', { gaveUp: true }), 0), 'failed, gave up');
  });
});

describe('Whether a job is ready', () => {
  it('says where, and nothing when there is no check', () => {
    const texts = [
      { ready: null, url: null },
      { ready: false, url: null },
      { ready: true, url: null },
      { ready: true, url: 'http://localhost:3000/' },
    ].map((job) => readyText(job));
    assert.deepEqual(texts, ['', 'not ready', 'ready', 'ready at http://localhost:3000/']);
  });
});

describe('The limits', () => {
  it('are those of all jobs, of a session, and of single sessions', () => {
    const limits = { maxConcurrentJobs: 10, maxConcurrentJobsPerSession: 0, sessionLimits: { web: 2 } };
    assert.equal(limitsText(limits), 'at most 10 jobs at once, any number per session, at most 2 in web');
  });
});
