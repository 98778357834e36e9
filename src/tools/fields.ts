import * as z from 'zod';

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
