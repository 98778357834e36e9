import assert from 'node:assert/strict';
import { AgentEventReader } from '../../../../src/agents/coding/eventReader.ts';
import { agentEvent, type AgentEvent } from '../../../../src/api/codingAgent.ts';
import type { CodingAgentName } from '../../../../src/api/options.ts';
import { essence, recordedStream } from '../../../helpers/codingAgents.ts';

const seen = '2026-01-01T00:00:00.000Z';

function eventsOf(name: CodingAgentName, text: string): AgentEvent[] {
  const reader = new AgentEventReader(name);
  const chunk = { text, time: seen, offset: 0, length: Buffer.byteLength(text) };
  return [...reader.feed(chunk), ...reader.end(seen)];
}

function lines(name: CodingAgentName, ...objects: object[]): Partial<AgentEvent>[] {
  const text = objects.map((object) => `${JSON.stringify(object)}\n`).join('');
  return eventsOf(name, text)
    .map(({ number, ...event }) => essence({ ...event, number: 0 }))
    .map(withoutNumber);
}

function withoutNumber({ number, ...event }: Partial<AgentEvent>): Partial<AgentEvent> {
  return event;
}

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

  it('has the time of a line, else the one when it was seen', () => {
    const [started, reasoning] = eventsOf('claude', recordedStream('claude'));
    assert.deepEqual([started?.time, reasoning?.time], [seen, '2026-05-04T10:00:00.100Z']);
  });

  it('tells a failure of the service, and a result without an answer', () => {
    const refused = {
      type: 'assistant',
      error: 'rate_limit',
      message: { content: [{ type: 'text', text: 'Later.' }] },
    };
    const result = { type: 'result', subtype: 'error_during_execution', is_error: true, errors: ['No conversation'] };
    assert.deepEqual(lines('claude', refused, result, { type: 'result', subtype: 'error_max_turns', is_error: true }), [
      { type: 'error', text: 'Later.' },
      { type: 'result', status: 'failed', text: 'No conversation' },
      { type: 'result', status: 'failed', text: 'error_max_turns' },
    ]);
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
    const told = lines('claude', use('a'), use('b'), use('c'), ...ends).slice(3);
    assert.deepEqual(
      told.map(({ type, status, exitCode }) => [type, status, exitCode]),
      [
        ['command', 'completed', undefined],
        ['command', 'completed', undefined],
        ['command', 'failed', undefined],
        ['tool', 'completed', undefined],
      ],
    );
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

  it('tells failures', () => {
    const item = { id: 'i', type: 'mcp_tool_call', server: 's', tool: 't', error: { message: 'no' }, status: 'failed' };
    const told = lines(
      'codex',
      { type: 'error', message: 'Reconnecting... 2/5' },
      { type: 'item.completed', item: { id: 'e', type: 'error', message: 'odd' } },
      { type: 'item.completed', item },
      { type: 'turn.failed', error: { message: 'stream disconnected' } },
    );
    assert.deepEqual(told, [
      { type: 'error', text: 'Reconnecting... 2/5' },
      { type: 'error', text: 'odd' },
      { type: 'tool', status: 'failed', tool: 's.t', callId: 'i', text: 'no' },
      { type: 'result', status: 'failed', text: 'stream disconnected' },
    ]);
  });

  it('shows the list of what is to be done whenever it changes', () => {
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
      { number: 1, type: 'started', text: 'GitHub Copilot', model: 'gpt-5' },
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

  it('tells failures', () => {
    const told = lines(
      'copilot',
      { type: 'session.error', data: { errorType: 'quota', message: 'No requests are left' } },
      {
        type: 'tool.execution_complete',
        data: { toolCallId: 'c', success: false, error: { message: 'no such file' } },
      },
      { type: 'result', sessionId: 's', exitCode: 1 },
    );
    assert.deepEqual(told, [
      { type: 'error', text: 'No requests are left' },
      { type: 'tool', status: 'failed', callId: 'c', text: 'no such file' },
      { type: 'result', status: 'failed', text: '', sessionId: 's' },
    ]);
  });
});
