import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentEventReader } from '../../src/agents/coding/eventReader.ts';
import type { RunEnd } from '../../src/agents/coding/outcome.ts';
import type { AgentEvent } from '../../src/api/codingAgent.ts';
import type { CodingAgentName } from '../../src/api/options.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'codingAgents');

/** The output of the fake agent with this name. */
export function recordedStream(name: CodingAgentName): string {
  return readFileSync(join(fixtures, `${name}.jsonl`), 'utf8');
}

/** How a run ended, for a reader of its output. */
export function runEnd(given: Partial<RunEnd> = {}): RunEnd {
  const { finishedAt = seen } = given;
  const end = { exitCode: 0, signal: null, reason: 'exit', reasonText: null, error: null } as const;
  return { status: 'completed', ...end, ...given, finishedAt };
}

/** A PATH on which the fake agents come first. */
export function pathWithAgents(): string {
  return `${join(fixtures, 'bin')}:${process.env['PATH'] ?? ''}`;
}

/** The event without its null fields, which is easier to compare. */
export function essence(event: AgentEvent): Partial<AgentEvent> {
  return Object.fromEntries(Object.entries(event).filter(([name, value]) => value !== null && name !== 'time'));
}

/** When the output was seen, and when the run ended. */
export const seen = '2026-01-01T00:00:00.000Z';

/** All events of a run that prints this text. */
export function eventsOf(name: CodingAgentName, text: string, end = runEnd()): AgentEvent[] {
  const reader = new AgentEventReader(name);
  const chunk = { text, time: seen, offset: 0, length: Buffer.byteLength(text) };
  return [...reader.feed(chunk), ...reader.end(end)];
}

/** The events of the lines, while the run goes on. */
export function lines(name: CodingAgentName, ...objects: object[]): Partial<AgentEvent>[] {
  const text = objects.map((object) => `${JSON.stringify(object)}\n`).join('');
  const events = new AgentEventReader(name).feed({ text, time: seen, offset: 0, length: Buffer.byteLength(text) });
  return [...events].map(essence).map(withoutNumber);
}

/** What the lines and the end of the run have come to. */
export function told(name: CodingAgentName, objects: object[], end?: Partial<RunEnd>): Partial<AgentEvent>[] {
  const text = objects.map((object) => `${JSON.stringify(object)}\n`).join('');
  return eventsOf(name, text, runEnd(end)).map(essence).map(withoutNumber);
}

function withoutNumber({ number, ...event }: Partial<AgentEvent>): Partial<AgentEvent> {
  return event;
}
