import assert from 'node:assert/strict';
import { agentEvent } from '../../../../src/api/codingAgent.ts';
import { essence, eventsOf, lines, recordedStream, seen, told } from '../../../helpers/codingAgents.ts';

describe('the stream of Claude Code', () => {
  const session = '5d2f6d0a-6a3c-4b52-9d0e-0f5b8a3c7e11';

  it('becomes numbered events of the common shape', () => {
    const events = eventsOf('claude', recordedStream('claude'));
    for (const event of events) agentEvent.parse(event);
    const run = { type: 'command', tool: 'Bash', command: 'npm test' };
    const file = { type: 'file', tool: 'Write', path: '/work/new.txt', callId: 'toolu_2' };
    assert.deepEqual(events.map(essence), [
      { number: 1, type: 'started', text: 'Claude Code 2.1.329', sessionId: session, model: 'claude-opus' },
      { number: 2, type: 'reasoning', text: 'First the tests.' },
      { number: 3, type: 'message', role: 'assistant', text: 'I run the tests.' },
      { number: 4, ...run, status: 'started', callId: 'toolu_1', text: '' },
      { number: 5, ...run, status: 'failed', callId: 'toolu_1', text: 'Exit code 3\n1 failing', exitCode: 3 },
      { number: 6, ...file, status: 'started', text: '' },
      { number: 7, ...file, status: 'completed', change: 'add', text: 'File created successfully at: /work/new.txt' },
      { number: 8, ...run, status: 'started', callId: 'toolu_3', text: '' },
      { number: 9, ...run, status: 'completed', callId: 'toolu_3', text: 'ok', exitCode: 0 },
      { number: 10, type: 'message', role: 'assistant', text: 'All done.' },
      {
        number: 11,
        type: 'result',
        status: 'completed',
        text: 'All done.',
        sessionId: session,
        costUsd: 0.125,
        usage: { inputTokens: 25, cachedInputTokens: 10, outputTokens: 35 },
      },
    ]);
  });

  it('has the time of the line, or else the time at which the line was seen', () => {
    const [started, reasoning] = eventsOf('claude', recordedStream('claude'));
    assert.deepEqual([started?.time, reasoning?.time], [seen, '2026-05-04T10:00:00.100Z']);
  });

  it('reports a failure of the service, and a result without an answer', () => {
    const refused = {
      type: 'assistant',
      error: 'rate_limit',
      message: { content: [{ type: 'text', text: 'Later.' }] },
    };
    const result = { type: 'result', subtype: 'error_during_execution', is_error: true, errors: ['No conversation'] };
    const turns = { type: 'result', subtype: 'error_max_turns', is_error: true };
    assert.deepEqual(told('claude', [refused, result]), [
      { type: 'error', text: 'Later.' },
      { type: 'result', status: 'failed', text: 'No conversation' },
    ]);
    assert.deepEqual(told('claude', [turns]), [{ type: 'result', status: 'failed', text: 'error_max_turns' }]);
  });

  it('claims no exit code that it does not know', () => {
    const use = (id: string) => ({
      type: 'assistant',
      message: { content: [{ type: 'tool_use', id, name: 'Bash', input: { command: 'x' } }] },
    });
    const end = (id: string, isError: boolean, details: unknown) => ({
      type: 'user',
      message: { content: [{ type: 'tool_result', tool_use_id: id, is_error: isError, content: 'text' }] },
      tool_use_result: details,
    });
    const known = { stdout: '', stderr: '', interrupted: false };
    const ends = [
      end('a', false, { ...known, returnCodeInterpretation: 'No matches found' }),
      end('b', false, { ...known, backgroundTaskId: 'b1' }),
      end('c', true, 'Error: The user rejected it'),
      end('unknown', false, known),
    ];
    const events = lines('claude', use('a'), use('b'), use('c'), ...ends).slice(3);
    assert.deepEqual(
      events.map(({ type, status, exitCode }) => [type, status, exitCode]),
      [
        ['command', 'completed', undefined],
        ['command', 'completed', undefined],
        ['command', 'failed', undefined],
        ['tool', 'completed', undefined],
      ],
    );
  });

  it('reports retries and refused permissions as errors, and leaves out bookkeeping', () => {
    const system = (subtype: string, more: object = {}) => ({ type: 'system', subtype, session_id: 's', ...more });
    const why = { error_status: 401, error: 'authentication_failed' };
    const events = lines(
      'claude',
      system('api_retry', { attempt: 1, max_retries: 10, retry_delay_ms: 549, ...why }),
      system('api_retry', { attempt: 2, max_retries: 10, retry_delay_ms: 1200, error_status: null, error: 'unknown' }),
      system('thinking_tokens', { estimated_tokens: 1 }),
      system('permission_denied', { tool_name: 'Bash', tool_use_id: 't', message: 'This command requires approval' }),
      system('background_tasks_changed', { tasks: [] }),
      { type: 'tool_progress', tool_use_id: 't' },
    );
    assert.deepEqual(events, [
      { type: 'error', text: 'The request failed (401, authentication_failed). Retry 1 of 10 in 549ms.' },
      { type: 'error', text: 'The request failed (unknown). Retry 2 of 10 in 1.2s.' },
      { type: 'error', text: 'Bash: This command requires approval' },
    ]);
  });

  it('is one run when the model is called again after a background command', () => {
    const init = { type: 'system', subtype: 'init', session_id: 's', claude_code_version: '2' };
    const task = { type: 'system', task_id: 'b1', tool_use_id: 't' };
    const result = (index: number, cost: number) => ({
      type: 'result',
      subtype: 'success',
      is_error: false,
      result: `answer ${index}`,
      result_index: index,
      total_cost_usd: cost,
      usage: { input_tokens: 20, output_tokens: 10 },
    });
    const events = told('claude', [
      init,
      { ...task, subtype: 'task_started', task_id: 'fg', is_backgrounded: false, description: 'in the foreground' },
      { ...task, subtype: 'task_notification', task_id: 'fg', status: 'completed', summary: 'done' },
      { ...task, subtype: 'task_started', is_backgrounded: true, description: 'sleep 6' },
      result(0, 0.25),
      { ...task, subtype: 'task_updated', patch: { status: 'failed' } },
      { ...task, subtype: 'task_notification', status: 'failed', summary: 'failed with exit code 4' },
      init,
      result(1, 0.375),
    ]);
    const background = { type: 'tool', tool: 'background task', callId: 'b1' };
    assert.deepEqual(events, [
      { type: 'started', text: 'Claude Code 2', sessionId: 's' },
      { ...background, status: 'started', text: 'sleep 6' },
      { ...background, status: 'failed', text: 'failed with exit code 4' },
      {
        type: 'result',
        status: 'completed',
        text: 'answer 1',
        sessionId: 's',
        usage: { inputTokens: 40, cachedInputTokens: 0, outputTokens: 20 },
        costUsd: 0.375,
      },
    ]);
  });

  it('shows other tools by name, and leaves out parts of messages', () => {
    const content = [{ type: 'tool_use', id: 't', name: 'Read', input: { file_path: '/a' } }];
    assert.deepEqual(
      lines('claude', { type: 'stream_event', event: {} }, { type: 'assistant', message: { content } }),
      [{ type: 'tool', status: 'started', tool: 'Read', callId: 't', text: '{"file_path":"/a"}' }],
    );
  });
});

describe('the stream of Codex', () => {
  it('becomes numbered events of the common shape', () => {
    const events = eventsOf('codex', recordedStream('codex'));
    for (const event of events) agentEvent.parse(event);
    const session = '0199a213-81c0-7800-8aa1-bbab2a035a53';
    const run = { type: 'command', command: "bash -lc 'npm test'", callId: 'item_2' };
    const added = { type: 'file', path: '/work/new.txt', change: 'add', callId: 'item_3', text: '' };
    const deleted = { ...added, path: '/work/old.txt', change: 'delete' };
    const tool = { type: 'tool', tool: 'docs.search', callId: 'item_4' };
    assert.deepEqual(events.map(essence), [
      { number: 1, type: 'started', text: 'Codex', sessionId: session },
      { number: 2, type: 'reasoning', text: '**Looking at the tests**' },
      { number: 3, type: 'message', role: 'assistant', text: 'I run the tests.' },
      { number: 4, ...run, status: 'started', text: '' },
      { number: 5, ...run, status: 'failed', exitCode: 3, text: '1 failing\n' },
      { number: 6, ...added, status: 'started' },
      { number: 7, ...deleted, status: 'started' },
      { number: 8, ...added, status: 'completed' },
      { number: 9, ...deleted, status: 'completed' },
      { number: 10, ...tool, status: 'started', text: '{"query":"tests"}' },
      { number: 11, ...tool, status: 'completed', text: 'two pages' },
      { number: 12, type: 'message', role: 'assistant', text: 'All done.' },
      {
        number: 13,
        type: 'result',
        status: 'completed',
        text: 'All done.',
        sessionId: session,
        usage: { inputTokens: 30, cachedInputTokens: 6, outputTokens: 9 },
      },
    ]);
  });

  it('reports failures', () => {
    const item = { id: 'i', type: 'mcp_tool_call', server: 's', tool: 't', error: { message: 'no' }, status: 'failed' };
    const objects = [
      { type: 'error', message: 'Reconnecting... 2/5' },
      { type: 'item.completed', item: { id: 'e', type: 'error', message: 'odd' } },
      { type: 'item.completed', item },
      { type: 'turn.failed', error: { message: 'stream disconnected' } },
    ];
    assert.deepEqual(told('codex', objects, { status: 'failed', exitCode: 1 }), [
      { type: 'error', text: 'Reconnecting... 2/5' },
      { type: 'error', text: 'odd' },
      { type: 'tool', status: 'failed', tool: 's.t', callId: 'i', text: 'no' },
      { type: 'result', status: 'failed', text: 'stream disconnected' },
    ]);
  });

  it('shows the to-do list whenever it changes', () => {
    const items = [
      { text: 'Read', completed: true },
      { text: 'Write', completed: false },
    ];
    assert.deepEqual(lines('codex', { type: 'item.updated', item: { id: 'i', type: 'todo_list', items } }), [
      { type: 'tool', status: 'started', tool: 'todo_list', callId: 'i', text: '[x] Read\n[ ] Write' },
    ]);
  });
});

describe('the stream of GitHub Copilot', () => {
  it('becomes numbered events of the common shape', () => {
    const events = eventsOf('copilot', recordedStream('copilot'));
    for (const event of events) agentEvent.parse(event);
    const run = { type: 'command', tool: 'bash', command: 'npm test', callId: 'call_0' };
    const file = { type: 'file', tool: 'create', path: '/work/new.txt', change: 'add', callId: 'call_1' };
    assert.deepEqual(events.map(essence), [
      { number: 1, type: 'started', text: 'GitHub Copilot CLI', model: 'gpt-5' },
      { number: 2, type: 'message', role: 'user', text: 'Fix the tests' },
      { number: 3, type: 'reasoning', text: 'First the tests.' },
      { number: 4, type: 'message', role: 'assistant', text: 'I run the tests.' },
      { number: 5, ...run, status: 'started', text: '' },
      { number: 6, ...run, status: 'failed', exitCode: 3, text: '1 failing\n' },
      { number: 7, ...file, status: 'started', text: '' },
      { number: 8, ...file, status: 'completed', text: 'Created file' },
      { number: 9, type: 'message', role: 'assistant', text: 'All done.' },
      {
        number: 10,
        type: 'result',
        status: 'completed',
        text: 'All done.',
        sessionId: 'a1081d9b-b7ef-49f8-8dd5-376c5577ab04',
      },
    ]);
  });

  it('reports failures', () => {
    const objects = [
      {
        type: 'model.call_failure',
        data: { statusCode: 429, retryAttempt: 0, errorMessage: '{"message":"slow down","type":"rate_limit"}' },
      },
      { type: 'session.error', data: { errorType: 'quota', message: 'No requests are left' } },
      {
        type: 'tool.execution_complete',
        data: { toolCallId: 'c', success: false, error: { message: 'no such file' } },
      },
      { type: 'result', sessionId: 's', exitCode: 1 },
    ];
    assert.deepEqual(told('copilot', objects, { status: 'failed', exitCode: 1 }), [
      { type: 'error', text: 'The request failed (429): slow down' },
      { type: 'error', text: 'No requests are left' },
      { type: 'tool', status: 'failed', callId: 'c', text: 'no such file' },
      { type: 'result', status: 'failed', text: 'exit code 1', sessionId: 's' },
    ]);
  });
});
