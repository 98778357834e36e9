import * as z from 'zod';

/** Bounds that a model does not need: every call is validated. */
const clutter = ['propertyNames', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const;

/** JSON Schema of a tool's input. Models read all of it with every request, so it is short. */
export function inputSchema(input: z.ZodType): Record<string, unknown> {
  return convert(input, 'input', (part) => {
    for (const key of clutter) delete part[key];
  });
}

/** JSON Schema of a tool's answer to programs. The HTTP API describes the fields. */
export function outputSchema(output: z.ZodType): Record<string, unknown> {
  return convert(output, 'output', (part) => {
    delete part.description;
  });
}

/** In the subset that model providers share: no list of types, no schema that is `false`. */
function convert(
  schema: z.ZodType,
  io: 'input' | 'output',
  change: (part: z.core.JSONSchema.BaseSchema) => void,
): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    reused: io === 'output' ? 'ref' : 'inline',
    override({ jsonSchema: part }) {
      change(part);
      if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum;
      if (part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum;
      if (part.items === false) delete part.items;
    },
  });
  return JSON.parse(JSON.stringify(rest), oneTypeEach) as Record<string, unknown>;
}

function oneTypeEach(_key: string, part: unknown): unknown {
  if (typeof part !== 'object' || part === null || !('type' in part) || !Array.isArray(part.type)) return part;
  const { type, ...others } = part;
  return { ...others, anyOf: type.map((each: unknown) => ({ type: each })) };
}
