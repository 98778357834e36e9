import * as z from 'zod';
import { errorCodes, startErrorCodes, type ErrorBody, type ErrorCode } from './errors.ts';

export const errorCode = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);

export const errorBody: z.ZodType<ErrorBody> = z.object({
  error: z.object({
    code: errorCode,
    message: z.string(),
    details: z.record(z.string(), z.unknown()).nullable(),
    retryable: z.boolean(),
  }),
});

export const startErrorCode = z.enum(startErrorCodes);
