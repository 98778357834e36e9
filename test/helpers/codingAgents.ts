import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentEvent } from '../../src/api/codingAgent.ts';
import type { CodingAgentName } from '../../src/api/options.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'codingAgents');

/** What the stand-in of that name prints. */
export function recordedStream(name: CodingAgentName): string {
  return readFileSync(join(fixtures, `${name}.jsonl`), 'utf8');
}

/** A PATH on which the stand-ins come first. */
export function pathWithAgents(): string {
  return `${join(fixtures, 'bin')}:${process.env['PATH'] ?? ''}`;
}

/** Without what is null: easier to compare. */
export function essence(event: AgentEvent): Partial<AgentEvent> {
  return Object.fromEntries(Object.entries(event).filter(([name, value]) => value !== null && name !== 'time'));
}
