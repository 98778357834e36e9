import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentEvent } from '../../src/api/codingAgent.ts';
import type { CodingAgentName } from '../../src/api/options.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'codingAgents');

/** The output of the fake agent with this name. */
export function recordedStream(name: CodingAgentName): string {
  return readFileSync(join(fixtures, `${name}.jsonl`), 'utf8');
}

/** A PATH on which the fake agents come first. */
export function pathWithAgents(): string {
  return `${join(fixtures, 'bin')}:${process.env['PATH'] ?? ''}`;
}

/** The event without its null fields, which is easier to compare. */
export function essence(event: AgentEvent): Partial<AgentEvent> {
  return Object.fromEntries(Object.entries(event).filter(([name, value]) => value !== null && name !== 'time'));
}
