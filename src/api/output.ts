import * as z from 'zod';
import { jobStatus, time } from './options.ts';

export const stream = z.enum(['stdout', 'stderr']);
export type Stream = z.infer<typeof stream>;

/** A piece of output. */
export const chunk = z.object({
  seq: z.int().meta({
    description:
      "The position behind the chunk's last byte: the run's output is numbered in bytes, both streams together, in " +
      'the order in which they were seen. It grows from chunk to chunk, and `since: seq` continues right behind',
  }),
  time: time.meta({ description: 'When it was seen' }),
  stream,
  offset: z.int().meta({ description: "Of the first byte, in the stream's log" }),
  length: z.int().meta({ description: 'In bytes' }),
  text: z.string().meta({
    description: 'Decoded as UTF-8; a character that is cut by the end of a chunk comes whole in the next one',
  }),
});
export type Chunk = z.infer<typeof chunk>;

const count = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const outputQuery = z.strictObject({
  run: z.coerce.number().int().min(1).optional().meta({ description: 'Which run (the current one)' }),
  since: count.optional().meta({ description: 'Continue behind this number: `next` or `seq` of an earlier answer' }),
  tail: count.optional().meta({ description: 'The last N lines' }),
  stream: stream.optional().meta({ description: 'One stream alone (both)' }),
  range: z
    .string()
    .regex(/^\d+-\d*$/, 'must be FIRST-LAST or FIRST- in bytes')
    .optional()
    .meta({ description: "Bytes FIRST-LAST, both included, of one stream's log (stdout)" }),
  grep: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'Only lines that match this regular expression (RE2 syntax), one chunk a line' }),
  limit: z.coerce.number().int().min(1).max(16_777_216).default(1_048_576).meta({ description: 'Bytes in one answer' }),
  format: z
    .enum(['json', 'text', 'raw'])
    .default('json')
    .meta({ description: 'json: chunks; text: decoded, both streams together; raw: the very bytes of one stream' }),
  text: z
    .stringbool()
    .default(true)
    .meta({ description: 'false: positions alone, for whoever reads the bytes from the log files' }),
  follow: z.stringbool().default(false).meta({ description: 'Stream what is there and what comes, until the end' }),
});
export type OutputQuery = z.input<typeof outputQuery>;
export type OutputOptions = z.output<typeof outputQuery>;

export const output = z.object({
  chunks: z.array(chunk),
  next: z.int().meta({ description: 'What to ask for as `since` next' }),
  droppedBytes: z.int().meta({
    description:
      'Bytes that maxLogBytes has dropped and that this answer would have shown: all before the first chunk of their ' +
      'stream',
  }),
  status: jobStatus,
  more: z.boolean().meta({ description: 'More is there already' }),
});
export type Output = z.infer<typeof output>;
