import assert from 'node:assert/strict';
import { endedSentence, endSentence, exitWord, waitingSentence } from '../../../src/words/job.ts';
import type { Ended } from '../../../src/words/job.ts';

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
  });
  it('has a short word for lists', () => {
    assert.equal(exitWord(ended), '0');
    assert.equal(exitWord(killed), 'TERM');
    assert.equal(exitWord({ exitCode: null, signal: null, error: null }), '');
  });
});

describe('why a job waits', () => {
  it('names the limit', () => {
    const waitingFor = { type: 'limit', scope: 'host', maximum: 10 } as const;
    assert.equal(waitingSentence(waitingFor), 'behind the limit of 10 running jobs of the host');
  });
});
