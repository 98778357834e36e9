import * as z from 'zod';
import { readyWhenOption } from '../../api/options.ts';

export const id = z
  .string()
  .trim()
  .min(1)
  .meta({ description: "The job's id, or as many of its first characters as make it unique (8 are shown)" });

/** @param otherwise what is taken when nothing is said, in characters */
export function maxChars(otherwise: number): z.ZodDefault<z.ZodInt> {
  return z
    .int()
    .min(100)
    .max(1_000_000)
    .default(otherwise)
    .meta({ description: 'The most characters of output in the answer; the end is kept' });
}

/** One object with all the fields: providers of models do not take several to choose from. */
export const readyWhen = z
  .strictObject({
    pattern: z.string().optional().meta({ description: 'A line of the output matches (RE2 syntax)' }),
    port: z.int().optional().meta({ description: 'The port accepts connections' }),
    host: z.string().optional().meta({ description: 'For port (localhost)' }),
    url: z.string().optional().meta({ description: 'GET answers 200 to 399' }),
    file: z.string().optional().meta({ description: 'The file is made or changed' }),
    timeoutMs: z.int().optional().meta({ description: 'From the start (300000)' }),
    ifNotReady: z
      .enum(['keep', 'stop'])
      .optional()
      .meta({ description: 'After that time: let it run or end it (keep)' }),
  })
  .pipe(readyWhenOption)
  .meta({ description: 'For servers: what shows that it is ready. One of pattern, port, url, file' });
