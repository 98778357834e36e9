import type { AgentEvent } from '../../api/codingAgent.ts';
import { isRecord } from '../../api/values.ts';

export type JsonObject = Record<string, unknown>;

/** The readers below do not trust the program: a value of another type counts as missing. */
export function parseObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function objectOf(value: unknown): JsonObject {
  return isRecord(value) ? value : {};
}

export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
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

/** Only years of four digits: toISOString writes others in another form. @param value ISO 8601, or milliseconds */
export function timeOf(value: unknown): string | undefined {
  const time = typeof value === 'string' || typeof value === 'number' ? new Date(value) : undefined;
  const text = time && !Number.isNaN(time.getTime()) ? time.toISOString() : '';
  return /^\d{4}-/.test(text) ? text : undefined;
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
