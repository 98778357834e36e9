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

/** JSON can spell half a character (a lone surrogate), which most programs refuse to read. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value.toWellFormed() : '';
}

const maxNameLength = 4096;

/** An id, a path, the name of a tool or a model: nothing when it cannot be one. */
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

/** A string as it is, nothing as nothing, anything else as JSON. */
export function jsonText(value: unknown): string {
  if (typeof value === 'string') return textOf(value);
  try {
    return value === undefined || value === null ? '' : JSON.stringify(value);
  } catch {
    return '(nested too deeply to be shown: it is in the log)'; // It is written by recursion, but not read so.
  }
}

/** Text, or a list of content blocks as model APIs and MCP have them: those with text, one below the other. */
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
