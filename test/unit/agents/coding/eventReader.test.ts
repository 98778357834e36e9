import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AgentEventReader } from '../../../../src/agents/coding/eventReader.ts';
import { agentEvent, type AgentEvent } from '../../../../src/api/codingAgent.ts';
import { codingAgentName, type CodingAgentName } from '../../../../src/api/options.ts';
import { recordedStream, runEnd } from '../../../helpers/codingAgents.ts';

const time = '2026-01-01T00:00:00.000Z';

/** @param skipped bytes that were dropped before the first part */
function read(name: CodingAgentName, parts: readonly string[], skipped = 0): AgentEvent[] {
  const reader = new AgentEventReader(name);
  let offset = skipped;
  const events = parts.flatMap((text) => {
    const length = Buffer.byteLength(text);
    offset += length;
    return [...reader.feed({ text, time, offset: offset - length, length })];
  });
  return [...events, ...reader.end(runEnd({ finishedAt: time }))];
}

describe('the events of a coding agent', () => {
  it('are the same wherever the stream is cut', () => {
    for (const name of codingAgentName.options) {
      const text = recordedStream(name);
      const whole = read(name, [text]);
      fc.assert(
        fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (cuts) => {
          const places = [0, ...cuts.sort((a, b) => a - b), text.length];
          const parts = places.slice(1).map((place, index) => text.slice(places[index], place));
          assert.deepEqual(read(name, parts), whole);
        }),
        { numRuns: 30 },
      );
    }
  });

  it('are well-formed and numbered without gaps, whatever the program prints', () => {
    const words = fc.constantFrom(
      'type', 'message', 'content', 'item', 'data', 'system', 'init', 'assistant', 'user', 'result', 'tool_use', 'text',
      'tool_result', 'item.completed', 'command_execution', 'file_change', 'changes', 'usage', 'input_tokens', 'error',
      'tool.execution_start', 'tool.execution_complete', 'fileEdits', 'id', 'name', 'input', 'timestamp', 'session_id',
    ); // prettier-ignore
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue({ maxDepth: 1 }),
        words,
        tie('object'),
        fc.array(tie('value')),
      ),
      object: fc.dictionary(words, tie('value')),
    })).object;
    const line = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString()),
      json.map((value) => JSON.stringify(value)),
      fc.tuple(words, json).map(([type, rest]) => JSON.stringify(Object.assign({}, rest, { type }))),
      fc.constantFrom('null', '[]', '1', '{', '{"__proto__":1}', '\u0000'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...codingAgentName.options), fc.array(line), (name, given) => {
        const events = read(name, [given.join('\n')]);
        events.forEach((event, index) => {
          agentEvent.parse(event);
          assert.equal(event.number, index + 1);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('show a line that is not JSON as text, and one of no known type as other', () => {
    const events = read('claude', ['warning: old\n', '{"type":"news"}\n', '\n', '[1]\n', 'no newline']);
    assert.deepEqual(
      events.map(({ number, type, text }) => [number, type, text]),
      [
        [1, 'text', 'warning: old'],
        [2, 'other', '{"type":"news"}'],
        [3, 'text', '[1]'],
        [4, 'text', 'no newline'],
        [5, 'result', 'ended without a result'],
      ],
    );
  });

  it('cut long texts, and say so', () => {
    const message = { type: 'item.completed', item: { type: 'agent_message', text: 'x'.repeat(20_000) } };
    const [event] = read('codex', [`${JSON.stringify(message)}\n`]);
    assert.match(event?.text ?? '', /^x{16384} … \(3616 more characters are in the log\)$/);
  });

  it('cut no character in two and contain no half characters', () => {
    const message = (text: string) => JSON.stringify({ type: 'item.completed', item: { type: 'agent_message', text } });
    const long = `${'x'.repeat(16_383)}${'😀'.repeat(100)}`;
    const lines = [message(long), message('a\ud83d'), JSON.stringify({ type: 'thread.started', thread_id: '\udc00' })];
    const events = read('codex', [lines.join('\n')]);
    assert.match(events[0]?.text ?? '', /x … \(200 more characters are in the log\)$/);
    assert.deepEqual([events[1]?.text, events[2]?.sessionId], ['a\ufffd', '\ufffd']);
  });

  it('exist also for a deeply nested line and for an impossible time', () => {
    const nested = `{"type":"news","list":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const dated = JSON.stringify({ type: 'error', message: 'behind', timestamp: '+100000-01-01T00:00:00Z' });
    const [first, second] = read('codex', [`${nested}\n${dated}\n`]);
    assert.equal(first?.text, '(nested too deeply to show; see the log)');
    assert.deepEqual([second?.number, second?.text, second?.time], [2, 'behind', time]);
  });

  it('skip the rest of a line that is too long', () => {
    const part = 'y'.repeat(1_048_576);
    const events = read('codex', [...Array<string>(12).fill(part), '\nbehind\n']);
    assert.equal(events.length, 3);
    assert.match(events[0]?.text ?? '', /^y{16384} … \(line too long; the rest is in the log\)$/);
    assert.deepEqual([events[1]?.number, events[1]?.text], [2, 'behind']);
  });

  it('begin with the first whole line when the beginning of the log was dropped', () => {
    const events = read('codex', ['rest of a line\nwhole\n'], 5000);
    assert.deepEqual(
      events.map(({ number, text }) => [number, text]),
      [
        [1, 'whole'],
        [2, 'ended without a result'],
      ],
    );
  });
});
