import * as z from 'zod';
import { BgJobsError, type ErrorBody, type ErrorCode, errorCodes } from './errors.ts';

export const errorCode = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);

export const errorBody: z.ZodType<ErrorBody> = z.object({
  error: z.object({
    code: errorCode,
    message: z.string(),
    details: z.record(z.string(), z.unknown()).nullable(),
    retryable: z.boolean(),
  }),
});

/**
 * @returns the value with all defaults filled in
 * @throws BgJobsError `invalid_request` that names each wrong field, and the known fields where one is unknown
 */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => describe(issue, schema));
  throw new BgJobsError('invalid_request', problems.join('; '), { problems });
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
