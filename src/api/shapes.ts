import * as z from 'zod';

/** A string that the operating system accepts as an argument, a variable or a path. */
export const text = z.string().refine((value) => !value.includes('\0'), 'must not contain a NUL byte');

export const variableName = z.string().regex(/^[^=\0]+$/, 'must be a variable name: not empty, without "="');

/** Of a job, a session or a mutex. */
export const name = z.string().trim().min(1).max(200);

/** What stands for a job: its id, its name or a sign, with the number of a task. */
export const jobReference = z
  .string()
  .min(1)
  .max(215)
  .describe('Job id, any unique prefix of it, the name of the job, @last or @failed');

/** setTimeout counts in 32 bits: at most 24 days, more than a delay needs. */
export const milliseconds = z.int().min(1).max(2_147_483_647);
/** A hundred years. */
export const longestWaitMs = 3_155_760_000_000;
export const delay = z.int().min(0).max(2_147_483_647);

export const resourceLimits = z.strictObject({
  memoryBytes: z
    .int()
    .min(1_048_576)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Memory limit of the process tree; a run that exceeds it is stopped'),
  nice: z.int().min(-20).max(19).optional().describe('Higher values get less CPU; below 0 needs privileges'),
});

export const terminalSize = z.strictObject({
  columns: z.int().min(1).max(10_000).describe('Characters in a line'),
  rows: z.int().min(1).max(10_000).describe('Lines'),
});
export type TerminalSize = z.output<typeof terminalSize>;

/** Alternatives, of which the first is the default. */
export function choice<const Values extends readonly [string, ...string[]]>(values: Values, description: string) {
  return z.enum(values).default(values[0]).describe(description);
}

const probe = {
  timeoutMs: milliseconds.default(300_000).describe('Time limit, from the start of the run'),
  ifNotReady: choice(['keep', 'stop'], 'What to do when the time is up: keep the run or stop it'),
};

/** When a run counts as ready. */
export const readyForms = [
  z.strictObject({
    pattern: z
      .string()
      .min(1)
      .max(10_000)
      .describe('A line of the output matches this regular expression (RE2 syntax, or /pattern/i)'),
    ...probe,
  }),
  z.strictObject({ listening: z.literal(true).describe('The job accepts connections, on whatever port'), ...probe }),
  z.strictObject({
    port: z.int().min(1).max(65_535).describe('This port accepts connections'),
    host: z
      .string()
      .min(1)
      .refine((name) => !/[\s\0/?#@\\]/.test(name), 'must be the name or address of a host, without http:// and path')
      .default('localhost'),
    ...probe,
  }),
  z.strictObject({ url: z.url({ protocol: /^https?$/ }).describe('GET returns status 200 to 399'), ...probe }),
  z.strictObject({ file: text.min(1).describe('This file is created or changed; relative to cwd'), ...probe }),
] as const;
export const readyError = {
  error:
    'must be "listening" or have exactly one of listening, pattern, port (with host), url and file, and may have ' +
    'timeoutMs and ifNotReady',
};
