export type JsonObject = Record<string, unknown>;

/** What a program has printed, read without trust: what is not of the kind that is asked for reads as nothing. */
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

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const maxNameLength = 4096;

/** An id, a path, the name of a tool or a model: nothing when it cannot be one. */
export function nameOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= maxNameLength ? value : null;
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function countOrNull(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null;
}

/** A string as it is, nothing as nothing, anything else as JSON. */
export function jsonText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** Text, or a list of content blocks as model APIs and MCP have them: those with text, one below the other. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return objectsOf(content)
    .map((block) => textOf(block['text']))
    .filter((text) => text !== '')
    .join('\n');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
