/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = Record<string, Json>;

/** Texts for readers. Changing their wording does not change the contract. */
const texts = new Set([
  ...['title', 'description', 'summary', 'examples', 'example', '$comment', '$schema', '$id', '$defs', 'definitions'],
  ...['markdownDescription', 'markdownEnumDescriptions', 'enumDescriptions', 'errorMessage', 'order', 'x-codes'],
]);

/** Keywords that only constrain values of one type. */
const keywordsOf: Readonly<Record<string, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains'],
  object: ['properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'],
};

/**
 * One canonical form for JSON schemas with the same meaning: references are resolved in place; keys and sets are
 * sorted; `const` becomes an `enum`; `oneOf`, lists of types and mixed enums become `anyOf`; `allOf` is merged; texts
 * for readers are removed.
 * @param root the document that references refer to
 */
export function canonicalSchema(schema: Json, root: Json): Json {
  if (schema === true) return {};
  if (!isObject(schema)) return schema;
  const { $ref, allOf, ...rest } = schema;
  const parts = [
    ...(typeof $ref === 'string' ? [canonicalSchema(resolve($ref, root), root)] : []),
    ...(Array.isArray(allOf) ? allOf.map((part) => canonicalSchema(part, root)) : []),
  ];
  return parts.reduce((merged, part) => merge(part, merged), alone(rest, root));
}

/** The canonical form of a schema without references. */
function alone(schema: JsonObject, root: Json): Json {
  const { oneOf, anyOf, const: only, discriminator: _derived, ...others } = schema;
  const one: JsonObject = Object.fromEntries(
    Object.entries(others)
      .filter(([name]) => !texts.has(name))
      .map(([name, value]) => [name, canonicalKeyword(name, value, root)]),
  );
  if (only !== undefined) one['enum'] = [only];
  dropEmpty(one);
  const choices = anyOf ?? oneOf;
  if (Array.isArray(choices)) return withChoices(one, choices);
  const types = Array.isArray(one['type']) ? one['type'] : enumTypes(one);
  const [type] = types;
  if (type === 'null' && types.length === 1) return { type };
  if (types.length > 1) return withChoices({}, split(one, types as string[]), one['default']);
  return sorted(type === undefined ? one : { ...one, type });

  function withChoices(around: JsonObject, branches: readonly Json[], fallback?: Json): Json {
    const flat = branches
      .map((branch) => canonicalSchema(branch, root))
      .flatMap((branch) => (isObject(branch) && isOnlyChoice(branch) ? (branch['anyOf'] as Json[]) : [branch]));
    const distinct = bySpelling(joinEnums(flat));
    const with_ = fallback === undefined ? around : { ...around, default: fallback };
    const [first] = distinct;
    return distinct.length === 1 && first !== undefined ? merge(first, with_) : sorted({ ...with_, anyOf: distinct });
  }
}

function canonicalKeyword(name: string, value: Json, root: Json): Json {
  if (name === 'properties' && isObject(value)) {
    return sorted(mapValues(value, (member) => canonicalSchema(member, root)));
  }
  if (name === 'prefixItems' && Array.isArray(value)) return value.map((item) => canonicalSchema(item, root));
  if (['items', 'additionalProperties', 'propertyNames', 'contains', 'not'].includes(name)) {
    return canonicalSchema(value, root);
  }
  if ((name === 'required' || name === 'enum' || name === 'type') && Array.isArray(value)) return bySpelling(value);
  return isObject(value) ? sorted(value) : value;
}

/** Removes keywords that constrain nothing. */
function dropEmpty(schema: JsonObject): void {
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  if (schema['format'] !== undefined) delete schema['pattern'];
  if (JSON.stringify(schema['propertyNames']) === '{"type":"string"}') delete schema['propertyNames'];
  for (const name of ['additionalProperties', 'items', 'required']) {
    if (JSON.stringify(schema[name])?.length === 2) delete schema[name]; // {} or []
  }
}

function enumTypes({ enum: values, type }: JsonObject): Json[] {
  if (!Array.isArray(values)) return type === undefined ? [] : [type];
  return [...new Set(values.map((value) => (type === 'integer' ? type : value === null ? 'null' : typeof value)))];
}

/** One schema per type, each with the keywords that apply to it. */
function split({ type: _types, default: _default, ...schema }: JsonObject, types: readonly string[]): Json[] {
  return types.map((type) => {
    const foreign = Object.entries(keywordsOf).flatMap(([of, names]) =>
      of === (type === 'integer' ? 'number' : type) ? [] : names,
    );
    const kept = Object.entries(schema).filter(([name]) => !foreign.includes(name));
    const values = (schema['enum'] as Json[] | undefined)?.filter((value) => enumTypes({ enum: [value] })[0] === type);
    return { type, ...Object.fromEntries(kept), ...(values && { enum: values }) };
  });
}

function isOnlyChoice(schema: JsonObject): boolean {
  return Array.isArray(schema['anyOf']) && Object.keys(schema).length === 1;
}

/** Joins constants of the same type into one enum. */
function joinEnums(branches: readonly Json[]): Json[] {
  const joined = new Map<Json | undefined, Json[]>();
  const others = branches.filter((branch) => {
    if (!isObject(branch) || !Array.isArray(branch['enum']) || Object.keys(branch).length > 2) return true;
    joined.set(branch['type'], [...(joined.get(branch['type']) ?? []), ...branch['enum']]);
    return false;
  });
  return [...others, ...[...joined].map(([type, values]) => sorted({ type: type ?? null, enum: bySpelling(values) }))];
}

/** A schema that requires both. @throws Error if the known keywords cannot express it */
function merge(first: Json, second: Json): Json {
  if (!isObject(first) || !isObject(second)) throw new Error('only objects can be merged');
  const both: JsonObject = { ...first };
  for (const [name, value] of Object.entries(second)) {
    const before = first[name];
    both[name] = before === undefined ? value : mergeKeyword(name, before, value);
  }
  return sorted(both);
}

function mergeKeyword(name: string, first: Json, second: Json): Json {
  if (spelled(first) === spelled(second)) return first;
  if (name === 'default') return second;
  if (name === 'enum' && Array.isArray(first) && Array.isArray(second)) {
    return first.filter((value) => second.some((other) => spelled(other) === spelled(value)));
  }
  if (name === 'required' && Array.isArray(first) && Array.isArray(second)) return bySpelling([...first, ...second]);
  if (name === 'properties' && isObject(first) && isObject(second)) {
    const added = mapValues(second, (member, key) => (first[key] === undefined ? member : merge(first[key], member)));
    return sorted({ ...first, ...added });
  }
  if (typeof first === 'number' && typeof second === 'number') {
    return name.startsWith('max') ? Math.min(first, second) : Math.max(first, second);
  }
  throw new Error(`two values of ${name} cannot be merged: ${spelled(first)} and ${spelled(second)}`);
}

/** @param reference for example `#/components/schemas/Job` */
function resolve(reference: string, root: Json): Json {
  const names = reference.split('/').slice(1);
  const found = names.reduce<Json | undefined>((value, name) => (isObject(value) ? value[name] : undefined), root);
  if (!reference.startsWith('#') || found === undefined) throw new Error(`nothing is at ${reference}`);
  return found;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function mapValues<T>(object: JsonObject, change: (value: Json, name: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
}

export function sorted(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Sorted, and each value only once. */
function bySpelling(values: readonly Json[]): Json[] {
  const spellings = new Map(values.map((value) => [spelled(value), value]));
  return [...spellings].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

function spelled(value: Json): string {
  return JSON.stringify(value);
}
