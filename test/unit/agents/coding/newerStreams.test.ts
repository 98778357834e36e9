import assert from 'node:assert/strict';
import { essence, eventsOf, recordedStream, told } from '../../../helpers/codingAgents.ts';

describe('the stream of Gemini CLI', () => {
  it('becomes numbered events of the common shape, with its messages in one piece', () => {
    const session = '9fd55250-7c1b-4920-b59e-5d4d0e88f29e';
    const run = { type: 'command', tool: 'run_shell_command', command: 'npm test' };
    const callId = 'run_shell_command__call_1';
    const file = { type: 'file', tool: 'write_file', path: '/work/new.txt', callId: 'write_file__call_2', text: '' };
    assert.deepEqual(eventsOf('gemini', recordedStream('gemini')).map(essence), [
      { number: 1, type: 'started', text: 'Gemini CLI', sessionId: session, model: 'gemini-2.5-flash' },
      { number: 2, type: 'message', role: 'user', text: 'Fix the tests' },
      { number: 3, ...run, status: 'started', callId, text: '' },
      { number: 4, ...run, status: 'completed', callId, text: 'out\nerr' },
      { number: 5, ...file, status: 'started' },
      { number: 6, ...file, status: 'completed' },
      { number: 7, type: 'message', role: 'assistant', text: 'All done.' },
      {
        number: 8,
        type: 'result',
        status: 'completed',
        text: 'All done.',
        sessionId: session,
        usage: { inputTokens: 40, cachedInputTokens: 0, outputTokens: 20 },
      },
    ]);
  });

  it('reports failures, and what was said when the run was killed', () => {
    const error = { type: 'FatalError', message: 'no key' };
    const failed = [
      { type: 'error', severity: 'error', message: 'Loop' },
      { type: 'tool_result', tool_id: 'x', status: 'error', output: 'short', error },
      { type: 'result', status: 'error', error, stats: {} },
    ];
    assert.deepEqual(told('gemini', failed, { status: 'failed', exitCode: 145 }), [
      { type: 'error', text: 'Loop' },
      { type: 'tool', status: 'failed', callId: 'x', text: 'no key' },
      { type: 'result', status: 'failed', text: 'no key' },
    ]);
    const part = { type: 'message', role: 'assistant', content: 'so ', delta: true };
    assert.deepEqual(told('gemini', [part, { ...part, content: 'far' }], { status: 'killed', reason: 'user' }), [
      { type: 'message', role: 'assistant', text: 'so far' },
      { type: 'result', status: 'killed', text: 'stopped by a user (exit code 0), ended without a result' },
    ]);
  });
});

describe('the stream of Qwen Code', () => {
  it('is that of Claude Code with other tools, and has exit codes in the text', () => {
    const session = '15f9d9c1-afce-4c1a-a9bb-2580ed1c8ee5';
    const events = eventsOf('qwen', recordedStream('qwen')).map(essence);
    const run = { type: 'command', tool: 'run_shell_command', command: 'npm test', callId: 'call_5' };
    const file = { type: 'file', tool: 'write_file', path: '/work/new.txt', callId: 'call_6' };
    assert.match(events[3]?.text ?? '', /^Command: npm test\n[^]*\nExit Code: 3\n/);
    assert.deepEqual(events, [
      { number: 1, type: 'started', text: 'Qwen Code 0.24.4', sessionId: session, model: 'scripted' },
      { number: 2, type: 'error', text: 'The request failed. Retry 1 of 7 in 1.5s.' },
      { number: 3, ...run, status: 'started', text: '' },
      { number: 4, ...run, status: 'failed', exitCode: 3, text: events[3]?.text },
      { number: 5, ...file, status: 'started', text: '' },
      { number: 6, ...file, status: 'completed', change: 'add', text: events[5]?.text },
      { number: 7, type: 'message', role: 'assistant', text: 'All done.' },
      {
        number: 8,
        type: 'result',
        status: 'completed',
        text: 'All done.',
        sessionId: session,
        usage: { inputTokens: 50, cachedInputTokens: 0, outputTokens: 25 },
      },
    ]);
  });
});

describe('the stream of opencode, and of Kilo', () => {
  it('becomes numbered events, with the start of each call from its end, and all steps added up', () => {
    for (const [name, title] of [
      ['opencode', 'opencode'],
      ['kilo', 'Kilo'],
    ] as const) {
      const sessionId = 'ses_ddb413118ffe2xn8fgIpufvIyN';
      const run = { type: 'command', tool: 'bash', command: 'npm test', callId: 'call_7' };
      const file = { type: 'file', tool: 'write', path: '/work/new.txt', callId: 'call_8' };
      const events = eventsOf(name, recordedStream(name));
      assert.deepEqual(events.map(essence), [
        { number: 1, type: 'started', text: title, sessionId },
        { number: 2, ...run, status: 'started', text: '' },
        { number: 3, ...run, status: 'failed', exitCode: 3, text: 'out\nerr\n' },
        { number: 4, ...file, status: 'started', text: '' },
        { number: 5, ...file, status: 'completed', change: 'add', text: 'Wrote file successfully.' },
        { number: 6, type: 'message', role: 'assistant', text: 'All done.' },
        {
          number: 7,
          type: 'result',
          status: 'completed',
          text: 'All done.',
          sessionId,
          costUsd: 0.03,
          usage: { inputTokens: 40, cachedInputTokens: 7, outputTokens: 20 },
        },
      ]);
      const [, start, end] = events.map(({ time }) => Date.parse(time ?? ''));
      assert.equal((end ?? 0) - (start ?? 0), 3481);
    }
  });

  it('reports failures, and a step that was the last although it should not be', () => {
    const error = { name: 'APIError', data: { message: 'no key', statusCode: 401, isRetryable: false } };
    const failed = [{ type: 'error', sessionID: 's', error }];
    assert.deepEqual(told('opencode', failed, { status: 'failed', exitCode: 1 }).slice(1), [
      { type: 'error', text: 'no key' },
      { type: 'result', status: 'failed', text: 'no key', sessionId: 's' },
    ]);
    const [, result] = told('opencode', [{ type: 'step_finish', sessionID: 's', part: { reason: 'tool-calls' } }]);
    assert.deepEqual([result?.status, result?.text], ['failed', 'ended without a result']);
  });
});

describe('the stream of Cline', () => {
  it('becomes numbered events of the common shape', () => {
    const sessionId = 'conv_1795913036189_4zptvfq';
    const run = { type: 'command', tool: 'run_commands', command: 'npm test', callId: 'call_1' };
    const file = { type: 'file', tool: 'editor', path: '/work/new.txt', callId: 'call_2' };
    const output = '[Command exited with code 3]\nout\n\n[stderr]\nerr\n';
    const events = eventsOf('cline', recordedStream('cline'));
    assert.equal(events[0]?.time, '2026-11-29T00:43:56.264Z');
    assert.deepEqual(events.map(essence), [
      { number: 1, type: 'started', text: 'Cline', sessionId },
      { number: 2, ...run, status: 'started', text: '' },
      { number: 3, ...run, status: 'failed', exitCode: 3, text: output },
      { number: 4, ...file, status: 'started', text: '' },
      { number: 5, ...file, status: 'completed', change: 'add', text: 'File created successfully at: /work/new.txt' },
      { number: 6, type: 'message', role: 'assistant', text: 'All done.' },
      {
        number: 7,
        type: 'result',
        status: 'completed',
        text: 'All done.',
        sessionId,
        costUsd: 0,
        usage: { inputTokens: 40, cachedInputTokens: 0, outputTokens: 20 },
      },
    ]);
  });

  it('reports failures and an abort', () => {
    const end = { type: 'run_result', finishReason: 'error', text: '' };
    assert.deepEqual(told('cline', [{ type: 'error', message: 'no key' }, end], { status: 'failed', exitCode: 1 }), [
      { type: 'error', text: 'no key' },
      { type: 'result', status: 'failed', text: 'error' },
    ]);
    assert.deepEqual(told('cline', [{ type: 'run_aborted' }]), [{ type: 'result', status: 'failed', text: 'aborted' }]);
  });
});
