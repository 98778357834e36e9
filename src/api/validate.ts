import * as z from 'zod';
import { BgJobsError } from './errors.ts';

/**
 * @returns the value with all defaults filled in
 * @throws BgJobsError `invalid_request` that names each wrong field, and the known fields where one is unknown
 */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = check(schema, value);
  if (!result.problems) return result.data;
  const problems = result.problems.map(({ text }) => text);
  throw new BgJobsError('invalid_request', problems.join('; '), { problems });
}

/** Where in a value something is wrong, and a sentence that names the field. */
export interface Problem {
  path: readonly PropertyKey[];
  text: string;
}

/** The value with all defaults filled in, or everything that is wrong with it. */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): { data: z.output<Schema>; problems?: never } | { problems: Problem[] } {
  const result = schema.safeParse(value, { error: sentence });
  if (result.success) return { data: result.data };
  return { problems: result.error.issues.map((issue) => ({ path: pathOf(issue), text: describe(issue, schema) })) };
}

/** An unknown field is itself where something is wrong. */
function pathOf(issue: z.core.$ZodIssue): PropertyKey[] {
  const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
  return unknown === undefined ? issue.path : [...issue.path, unknown];
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType): string {
  const field = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = field === '' && schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    const hint = known.length > 0 ? `known are ${known.join(', ')}` : 'no such field is known';
    return `unknown field ${issue.keys.map((key) => `"${field && `${field}.`}${key}"`).join(', ')}: ${hint}`;
  }
  return field ? `${field}: ${issue.message}` : issue.message;
}

/** What is wrong, where the schema itself has no message. Undefined leaves it to the library. */
function sentence(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = typeNames[issue.expected] ?? `a ${issue.expected}`;
      return issue.input === undefined
        ? `is required and must be ${wanted}`
        : `must be ${wanted}, not ${typeOf(issue.input)}`;
    }
    case 'invalid_value':
      return `must be ${issue.values.map((one) => JSON.stringify(one)).join(' or ')}`;
    case 'too_small':
      return `must ${sizes[issue.origin] ?? 'be'} at least ${issue.minimum}${units[issue.origin] ?? ''}`;
    case 'too_big':
      return `must ${sizes[issue.origin] ?? 'be'} at most ${issue.maximum}${units[issue.origin] ?? ''}`;
    case 'invalid_union': {
      // Of the alternatives, the one that fits best is meant.
      const [best] = issue.errors.map(([first]) => first).sort((a, b) => (b?.path.length ?? 0) - (a?.path.length ?? 0));
      return best && [...best.path, best.message].join(': ');
    }
    default:
      return undefined;
  }
}

const typeNames: Record<string, string> = {
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
const sizes: Record<string, string> = { string: 'have', array: 'have', record: 'have' };
const units: Record<string, string> = { string: ' characters', array: ' items', record: ' entries' };

function typeOf(value: unknown): string {
  if (typeof value === 'number') return Number.isNaN(value) ? 'NaN' : String(value);
  if (value === null) return 'null';
  const type = Array.isArray(value) ? 'array' : typeof value;
  return typeNames[type] ?? `a ${type}`;
}
