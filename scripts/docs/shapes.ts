import type * as z from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A field of a shape. The names of nested fields are joined with dots. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly meaning: string;
}

export function fieldsOf(schema: JsonSchema, prefix = ''): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
    const field = typeof part === 'object' ? part : {};
    const isOptional = !(schema.required ?? []).includes(name);
    const own = {
      name: `${prefix}${name}${isOptional ? '?' : ''}`,
      type: typeOf(field),
      meaning: meaningOf(field),
    };
    return [own, ...fieldsOf(field, `${prefix}${name}.`)];
  });
}

/** The description, followed by the default value in parentheses. */
export function meaningOf({ description = '', default: without }: JsonSchema): string {
  const value = typeof without === 'string' ? without : JSON.stringify(without);
  return [description, without === undefined ? '' : `(${value})`].filter((part) => part !== '').join(' ');
}

/** The type in words, with links to named shapes. */
export function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return link(schema.$ref);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((choice) => typeOf(plain(choice))).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(plain(schema.items))}`;
  if (schema.type === 'object') return objectType(schema);
  const { minimum, maximum, format } = schema;
  const range = minimum === undefined && maximum === undefined ? '' : ` ${minimum ?? ''}…${maximum ?? ''}`;
  return `${format ?? schema.type ?? 'any'}${range}`;
}

function objectType({ additionalProperties, properties = {} }: JsonSchema): string {
  if (typeof additionalProperties === 'object') return `object of ${typeOf(additionalProperties)} by name`;
  const members = Object.entries(properties).map(([name, part]) => `${name}: ${typeOf(plain(part))}`);
  return members.length === 0 || members.length > 4 ? 'object' : `{ ${members.join(', ')} }`;
}

function plain(schema: JsonSchema['items']): JsonSchema {
  return typeof schema === 'object' && !Array.isArray(schema) ? schema : {};
}

function link(reference: string): string {
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  return `[${name}](#${name.toLowerCase()})`;
}
