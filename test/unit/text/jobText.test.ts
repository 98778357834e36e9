import assert from 'node:assert/strict';
import { endedSentence, endSentence, exitWord, readyPhrase, waitingSentence } from '../../../src/text/jobText.ts';
import type { Ended } from '../../../src/text/jobText.ts';
import { fromNow } from '../../../src/text/timeText.ts';

const ended: Ended = {
  status: 'completed',
  exitCode: 0,
  signal: null,
  reason: 'exit',
  reasonText: null,
  error: null,
  leftovers: [],
};

describe('how a job ended', () => {
  const leftovers = [
    { pid: 10, command: 'sleep 60' },
    { pid: 11, command: 'sleep 61' },
  ];
  const killed: Ended = { ...ended, status: 'killed', exitCode: null, signal: 'SIGTERM' };
  it('tells the exit code', () => assert.equal(endSentence(ended), 'exited 0'));
  it('tells who remains', () => {
    assert.equal(endSentence({ ...ended, leftovers }), 'exited 0, 2 processes remain');
    assert.equal(endSentence({ ...ended, leftovers: leftovers.slice(1) }), 'exited 0, 1 process remains');
  });
  it('tells the signal, who stopped it and why', () => {
    const job: Ended = { ...killed, reason: 'agent', reasonText: 'too\nslow' };
    assert.equal(endSentence(job), 'killed by an agent: ended by SIGTERM (too\\nslow)');
  });
  it('tells a signal that nobody here sent', () => {
    assert.equal(endSentence({ ...killed, status: 'failed', reason: 'signal' }), 'ended by SIGTERM');
  });
  it('tells the state with it, once', () => {
    assert.equal(endedSentence({ ...ended, status: 'failed', exitCode: 3 }), 'failed: exited 3');
    assert.equal(endedSentence({ ...killed, reason: 'user' }), 'killed by a user: ended by SIGTERM');
    assert.equal(endedSentence({ ...ended, status: 'timed_out', reason: 'timeout' }), 'timed out: exited 0');
    assert.equal(endedSentence({ ...ended, status: 'killed' }), 'killed: exited 0');
  });
  it('tells a limit', () => {
    assert.match(endSentence({ ...killed, status: 'timed_out', reason: 'timeout' }), /^timed out: /);
    const over: Ended = { ...killed, status: 'timed_out', signal: 'SIGKILL', reason: 'out_of_memory', reasonText: '9' };
    assert.equal(endedSentence(over), 'timed_out: stopped over its memory limit: ended by SIGKILL (9)');
  });
  it('tells that the machine had no memory left', () => {
    const job: Ended = { ...killed, status: 'failed', signal: 'SIGKILL', reason: 'out_of_memory' };
    const text = 'failed: stopped by the system, which was out of memory: ended by SIGKILL';
    assert.equal(endedSentence(job), text);
  });
  it('tells why it could not be started', () => {
    const error = { code: 'command_not_found', message: 'no program named nosuch' } as const;
    const job: Ended = { ...ended, status: 'failed', exitCode: null, reason: 'spawn_error', error };
    assert.equal(endSentence(job), 'could not be started: no program named nosuch');
    assert.equal(exitWord(job), 'command_not_found');
  });
  it('tells that it never ran', () => {
    const job: Ended = { ...ended, status: 'cancelled', exitCode: null, reason: 'user' };
    assert.equal(endSentence(job), 'cancelled before it ran');
    assert.equal(endSentence({ ...job, attempt: 0 }), 'cancelled before it ran again');
  });
  it('tells that no attempt is left', () => {
    const job: Ended = { ...ended, status: 'failed', exitCode: 3, gaveUp: true, attempt: 5 };
    assert.equal(endedSentence(job), 'failed: exited 3, gave up after 5 attempts');
  });
  it('has a short word for lists', () => {
    assert.equal(exitWord(ended), '0');
    assert.equal(exitWord(killed), 'TERM');
    assert.equal(exitWord({ exitCode: null, signal: null, error: null }), '');
  });
});

describe('whether a job is ready', () => {
  it('tells where it is, and nothing when nobody asked', () => {
    const phrases = [
      { ready: null, url: null },
      { ready: false, url: null },
      { ready: true, url: null },
      { ready: true, url: 'http://localhost:3000/' },
    ].map(readyPhrase);
    assert.deepEqual(phrases, ['', 'not ready', 'ready', 'ready at http://localhost:3000/']);
  });
});

describe('why a job waits', () => {
  it('names the limit', () => {
    const waitingFor = { type: 'limit', scope: 'host', maximum: 10 } as const;
    assert.equal(waitingSentence(waitingFor), 'behind the limit of 10 running jobs of the host');
  });
  it('tells a time to agents as it is, to people by their clock', () => {
    const until = '2026-11-20T17:30:00.000Z';
    const waitingFor = { type: 'retry', until, attempt: 2, maxAttempts: 5 } as const;
    assert.equal(waitingSentence(waitingFor), `for attempt 2 of 5, at ${until}`);
    const tell = fromNow(Date.parse(until) - 250_000);
    assert.match(waitingSentence(waitingFor, tell), /^for attempt 2 of 5, in 4m 10s \(.*\d\d:\d\d:00\)$/);
    assert.equal(waitingSentence({ ...waitingFor, maxAttempts: null }), `for attempt 2, at ${until}`);
    assert.equal(waitingSentence({ type: 'time', until }), `for its time, at ${until}`);
  });
  it('names the jobs that come first, but not a thousand', () => {
    const one = { jobId: '1a2b3c4d-0', condition: 'succeeded', status: 'running' } as const;
    const gone = { jobId: '2a2b3c4d-0', condition: 'ready', status: null } as const;
    assert.equal(
      waitingSentence({ type: 'dependency', jobs: [one, gone] }),
      'for job 1a2b3c4d to complete (it is running) and job 2a2b3c4d to be ready (it was removed)',
    );
    assert.match(
      waitingSentence({ type: 'dependency', jobs: Array.from({ length: 5 }, () => one) }),
      / and 2 other jobs$/,
    );
  });
  it('keeps control characters from the terminal', () => {
    const waitingFor = { type: 'mutex', mutex: 'a\u001b[2J', jobId: '1a2b3c4d-0' } as const;
    assert.equal(waitingSentence(waitingFor), 'for job 1a2b3c4d, which has the mutex a\\x1b[2J');
  });
});
