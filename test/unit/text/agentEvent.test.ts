import assert from 'node:assert/strict';
import { AgentEventReader } from '../../../src/agents/coding/eventReader.ts';
import type { CodingAgentName } from '../../../src/api/options.ts';
import { agentEventText } from '../../../src/text/agentEvent.ts';
import { recordedStream, runEnd } from '../../helpers/codingAgents.ts';

function readable(name: CodingAgentName, lines?: string): string {
  const text = lines ?? recordedStream(name);
  const reader = new AgentEventReader(name);
  const time = '2026-01-01T00:00:00.000Z';
  const events = [...reader.feed({ text, time, offset: 0, length: Buffer.byteLength(text) })];
  if (lines === undefined) events.push(...reader.end(runEnd()));
  return events.map(agentEventText).join('');
}

describe('agentEventText', () => {
  it('writes the run of an agent as a person reads it', () => {
    assert.equal(
      readable('claude'),
      `Claude Code 2.1.329, claude-opus, session 5d2f6d0a-6a3c-4b52-9d0e-0f5b8a3c7e11
… First the tests.
I run the tests.
$ npm test
  Exit code 3
  1 failing
  exit 3
~ /work/new.txt added
$ npm test
  ok
All done.
= completed, $0.13, 25 tokens in and 35 out
`,
    );
    assert.match(readable('codex'), /^\* docs\.search \{"query":"tests"\}$/m);
    assert.match(readable('copilot'), /^> Fix the tests$/m);
  });

  it('keeps the end of a long output', () => {
    const item = { type: 'command_execution', command: 'seq', aggregated_output: '' };
    const output = Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n');
    const text = readable(
      'codex',
      `${JSON.stringify({ type: 'item.completed', item: { ...item, aggregated_output: output } })}\n`,
    );
    assert.match(text, /^ {2}… \(30 earlier lines\)\n {2}line 30\n/);
    assert.match(text, / {2}line 49\n$/);
  });

  it('lets no control character through', () => {
    const item = { type: 'agent_message', text: 'a\u001b]0;title\u0007b\r\n\tc' };
    const text = readable('codex', `${JSON.stringify({ type: 'item.completed', item })}\n\u001b[2Jraw\n`);
    assert.equal(text, 'a\\x1b]0;title\\x07b\n    c\n\\x1b[2Jraw\n');
  });

  it('cuts no character in two', () => {
    const item = { type: 'mcp_tool_call', server: 's', tool: 't', arguments: `${'x'.repeat(199)}😀` };
    const text = readable('codex', `${JSON.stringify({ type: 'item.started', item })}\n`);
    assert.equal(text, `* s.t ${'x'.repeat(199)}…\n`);
  });
});
