import * as z from 'zod';

/** What the system takes as an argument, a variable or a path. */
export const text = z.string().refine((value) => !value.includes('\0'), 'must not contain a NUL byte');
