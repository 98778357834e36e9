import assert from 'node:assert/strict';
import type { RunEnd } from '../../../../src/agents/coding/outcome.ts';
import { told } from '../../../helpers/codingAgents.ts';

describe('the end of a run', () => {
  const thread = { type: 'thread.started', thread_id: 't' };
  const item = { id: 'i', type: 'command_execution', command: 'sleep 60', status: 'in_progress' };
  const started = { type: 'item.started', item };
  const command = { type: 'command', callId: 'i', command: 'sleep 60' };

  it('ends the calls that are open', () => {
    assert.deepEqual(told('codex', [thread, started, { type: 'turn.completed', usage: {} }]).slice(1), [
      { ...command, status: 'started', text: '' },
      { ...command, status: 'failed', text: 'not ended' },
      { type: 'result', status: 'completed', text: '', sessionId: 't' },
    ]);
  });

  it('says of a run that did not complete how it ended, whatever the agent said before', () => {
    const resultOf = (objects: object[], end: Partial<RunEnd>) => {
      const { status, text } = told('codex', objects, end).at(-1) ?? {};
      return `${status}: ${text}`;
    };
    const done = [thread, { type: 'turn.completed', usage: {} }];
    const killed = { status: 'killed', exitCode: null, signal: 'SIGTERM', reason: 'user' } as const;
    assert.equal(resultOf(done, killed), 'killed: stopped by a user (SIGTERM)');
    assert.equal(resultOf([thread], killed), 'killed: stopped by a user (SIGTERM), ended without a result');
    assert.equal(resultOf(done, { ...killed, status: 'timed_out', reason: 'timeout' }), 'failed: timed out (SIGTERM)');
    assert.equal(resultOf(done, { status: 'failed', exitCode: 3 }), 'failed: exit code 3');
    assert.equal(resultOf([], { status: 'failed', exitCode: 3 }), 'failed: ended without a result, exit code 3');
    assert.equal(resultOf([], {}), 'failed: ended without a result');
  });

  it('is not completed for Copilot after an abort, although its exit code is 0', () => {
    const aborted = [
      { type: 'assistant.idle', data: { aborted: true } },
      { type: 'result', sessionId: 's', exitCode: 0 },
    ];
    assert.deepEqual(told('copilot', aborted), [{ type: 'result', status: 'failed', text: 'aborted', sessionId: 's' }]);
  });
});
