import * as z from 'zod';

/** Bounds that a model need not know: they are checked with every call. */
const clutter = ['propertyNames', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const;

/** JSON Schema of what a tool takes. Every word of it is read by a model, again and again. */
export function jsonSchema(input: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(input, {
    io: 'input',
    override({ jsonSchema: part }) {
      for (const key of clutter) delete part[key];
      if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum;
    },
  });
  return rest;
}
