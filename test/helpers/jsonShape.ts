import { isObject, mapValues, sorted, type Json, type JsonObject } from './canonicalSchema.ts';

/** Fields whose values are part of the contract and come from a fixed set. */
const vocabulary = new Set(['status', 'from', 'to', 'reason', 'result', 'signal', 'type', 'code']);
/** Fields that are null if a process ended before it was seen. */
const observed = new Set(['pid', 'maxMemoryBytes']);
/** Fields whose keys are data. */
const dictionaries = new Set(['env', 'tags', 'bySession', 'sessionLimits']);

/**
 * The keys of a value and the types of their values, recursively. Times are distinguished from other text, and the
 * words of a fixed vocabulary are kept. The items of an array share one description, in which a key that some of them
 * lack ends with a question mark.
 */
export function shapeOf(value: Json, name = ''): Json {
  if (Array.isArray(value)) return value.length === 0 ? [] : [together(value.map((item) => shapeOf(item, name)))];
  if (isObject(value)) {
    if (dictionaries.has(name)) {
      const members = Object.values(value).map((member) => shapeOf(member));
      return members.length === 0 ? {} : { '*': together(members) };
    }
    const shape = mapValues(value, (member, key) => shapeOf(member, key));
    return sorted(isHint(value) ? { ...shape, name: 'null | string', status: 'string' } : shape);
  }
  if (observed.has(name) && (value === null || typeof value === 'number')) return 'null | number';
  if (value === null) return 'null';
  if (typeof value !== 'string') return typeof value;
  if (vocabulary.has(name)) return `"${value}"`;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) ? 'time' : 'string';
}

/** A job that an error suggests. Which ones are the newest depends on the tests before. */
function isHint(value: JsonObject): boolean {
  return Object.keys(value).sort().join() === 'name,shortId,status';
}

/** Merges several shapes into one. */
function together(shapes: readonly Json[]): Json {
  const objects = shapes.filter((shape) => isObject(shape));
  const arrays = shapes.filter((shape) => Array.isArray(shape));
  const items = arrays.flat();
  const words = [
    ...new Set(shapes.filter((shape) => typeof shape === 'string').flatMap((word) => word.split(' | '))),
  ].sort();
  const all = [
    ...(words.length > 0 ? [words.join(' | ')] : []),
    ...(arrays.length > 0 ? [items.length > 0 ? [together(items)] : []] : []),
    ...(objects.length > 0 ? [togetherObjects(objects)] : []),
  ];
  return all.length === 1 ? (all[0] ?? null) : { anyOf: all };
}

function togetherObjects(objects: readonly JsonObject[]): JsonObject {
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const members = names.map((name): [string, Json] => {
    const values = objects.flatMap((object) => (object[name] === undefined ? [] : [object[name]]));
    return [values.length < objects.length ? `${name}?` : name, together(values)];
  });
  return sorted(Object.fromEntries(members));
}
