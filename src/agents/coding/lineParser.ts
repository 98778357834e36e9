import type { AgentEvent } from '../../api/codingAgent.ts';

/** An event without its number. A missing field means null. */
export type Draft = Partial<Omit<AgentEvent, 'number'>> & Pick<AgentEvent, 'type'>;

/** Turns the lines of one agent, in order, into events. It keeps only what later lines refer to. */
export type LineParser = (line: JsonObject) => Draft[];

/** The part of a tool call that its start and its end have in common. */
export type Call = Pick<Draft, 'type' | 'command' | 'path' | 'change' | 'tool'>;

const maxCalls = 1000;

/** Tool calls that have not ended, because an end often carries only the id. Beyond a limit the oldest are forgotten. */
export class OpenCalls {
  readonly #calls = new Map<string | null, Call>();

  start(id: string | null, call: Call, text: string): Draft {
    const oldest = this.#calls.size >= maxCalls ? this.#calls.keys().next() : undefined;
    if (oldest && !oldest.done) this.#calls.delete(oldest.value);
    this.#calls.set(id, call);
    return { ...call, status: 'started', callId: id, text };
  }

  /** The call; a tool without a name if its start was not seen. */
  end(id: string | null): Call {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call ?? { type: 'tool' };
  }
}

export type JsonObject = Record<string, unknown>;

/** The readers below do not trust the program: a value of another type counts as missing. */
export function parseObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Replaces lone surrogates, which JSON can contain and most programs refuse. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value.toWellFormed() : '';
}

const maxNameLength = 4096;

/** An id, a path or the name of a tool or model; null when empty or too long to be one. */
export function nameOf(value: unknown): string | null {
  const name = textOf(value);
  return name !== '' && name.length <= maxNameLength ? name : null;
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function countOrNull(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null;
}

/** Token counts with the names that the model APIs use. @param cached name of the count of cached input tokens */
export function usageOf(value: unknown, cached: string): AgentEvent['usage'] {
  const usage = objectOf(value);
  const inputTokens = countOrNull(usage['input_tokens']);
  if (inputTokens === null) return null;
  const cachedInputTokens = countOrNull(usage[cached]) ?? 0;
  return { inputTokens, cachedInputTokens, outputTokens: countOrNull(usage['output_tokens']) ?? 0 };
}

/** A string as it is, '' for a missing value, anything else as JSON. */
export function jsonText(value: unknown): string {
  if (typeof value === 'string') return textOf(value);
  try {
    return value === undefined || value === null ? '' : JSON.stringify(value);
  } catch {
    return '(nested too deeply to show; see the log)'; // JSON.stringify recurses, JSON.parse does not.
  }
}

/** A string, or the texts of a list of content blocks as in model APIs and MCP, one per line. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return textOf(content);
  return objectsOf(content)
    .map((block) => textOf(block['text']))
    .filter((text) => text !== '')
    .join('\n');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
