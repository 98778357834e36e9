import * as z from 'zod';

/** Name of a hook, as `notify` of a job and `bgjobs hook` give it. */
const hookName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_" and "-"');

export const hookEvents = ['started', 'ready', 'ended', 'failed', 'gave_up', 'matched'] as const;
export type HookEvent = (typeof hookEvents)[number];

const secret = z
  .union([
    z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable') }),
    z.strictObject({ file: z.string().startsWith('/', 'must be an absolute path') }),
  ])
  .describe('Where the value is: a variable of the job host, or a file. The value itself is never stored');
export type Secret = z.infer<typeof secret>;

const address = z
  .string()
  .min(3)
  .max(320)
  .regex(/^[^\r\n]*@[^\r\n]*$/, 'must be an e-mail address');

export const hookTarget = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('command').describe('A program that gets the message as JSON on its standard input'),
    argv: z.array(z.string()).min(1).max(100).describe('Program and arguments, run without a shell'),
  }),
  z.strictObject({
    type: z.literal('webhook').describe('A POST request'),
    url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
    format: z
      .enum(['json', 'ntfy', 'slack', 'discord', 'teams'])
      .default('json')
      .describe('json: the whole message; the others: what these services expect'),
    secret: secret.optional().describe('Signs the request as Standard Webhooks describes it (webhook-signature)'),
    token: secret.optional().describe('Sent as "Authorization: Bearer"'),
  }),
  z.strictObject({
    type: z.literal('file').describe('A file that gets a line of JSON for each message'),
    path: z.string().regex(/^(\/|[A-Za-z]:[\\/])/, 'must be an absolute path'),
  }),
  z.strictObject({ type: z.literal('desktop').describe('A notification of the operating system') }),
  z.strictObject({
    type: z.literal('email'),
    to: address,
    from: address,
    host: z.string().min(1).max(255).describe('The SMTP server'),
    port: z.int().min(1).max(65_535),
    security: z
      .enum(['tls', 'starttls', 'none'])
      .describe(
        'tls: encrypted from the beginning (port 465); starttls: encrypted or not sent (587); none: not encrypted',
      ),
    user: z.string().min(1).optional(),
    password: secret.optional(),
  }),
]);
export type HookTarget = z.infer<typeof hookTarget>;

export const hook = z
  .strictObject({
    name: hookName,
    on: z
      .array(z.enum(hookEvents))
      .min(1)
      .describe(
        'ended: whatever the end; failed: failed, timed out or lost; gave_up: no attempts are left; matched: a line of the ' +
          'output matched pattern for the first time in a run',
      ),
    onRequest: z.boolean().default(false).describe('Only jobs that name this hook in notify'),
    session: z.string().min(1).optional().describe('Only jobs of this session'),
    tags: z.record(z.string(), z.string()).default({}).describe('Only jobs with these tags'),
    minDurationMs: z.int().min(0).default(0).describe('ended and failed: only after runs that took at least this long'),
    pattern: z.string().min(1).max(1000).optional().describe('For matched: /pattern/ or /pattern/i (RE2 syntax)'),
    target: hookTarget,
  })
  .refine(({ on, pattern }) => on.includes('matched') === (pattern !== undefined), {
    message: 'pattern and the event "matched" belong together',
  })
  .refine(({ pattern }) => pattern === undefined || /^\/.+\/i?$/s.test(pattern), {
    message: 'pattern must be /pattern/ or /pattern/i',
  });
/** What is told to somebody, or to a program, when something happens to a job. */
export type Hook = z.infer<typeof hook>;

export const hooks = z
  .array(hook)
  .max(50)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
    message: 'two hooks have the same name',
  });

export const hookTest = z.object({
  delivered: z.boolean(),
  error: z.string().nullable().describe('Why the message was not delivered'),
});
export type HookTest = z.infer<typeof hookTest>;
