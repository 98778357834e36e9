import * as z from 'zod';
import { jobStatus, time } from './options.ts';
import { count } from './paging.ts';

export const stream = z.enum(['stdout', 'stderr']);
export type Stream = z.infer<typeof stream>;

/** A piece of output. */
export const chunk = z.object({
  seq: z
    .int()
    .describe(
      "The position after the chunk's last byte. Positions count the bytes of both streams together, in the order " +
        'in which they were read. `since: seq` continues right after the chunk',
    ),
  time: time.describe('When the output was read'),
  stream,
  offset: z.int().describe("Position of the first byte in the stream's log"),
  length: z.int().describe('Length in bytes'),
  text: z
    .string()
    .describe('Decoded as UTF-8. A character that is split at the end of a chunk comes whole in the next one'),
});
export type Chunk = z.infer<typeof chunk>;

export const outputQuery = z.strictObject({
  run: z.coerce.number().int().min(1).optional().describe('Number of the run (default: the current run)'),
  since: count.optional().describe('Return only output after this position: `next` or `seq` of an earlier answer'),
  tail: count.optional().describe('Only the last N lines'),
  stream: stream.optional().describe('Only this stream (default: both)'),
  range: z
    .string()
    .regex(/^\d+-\d*$/, 'must be FIRST-LAST or FIRST- in bytes')
    .optional()
    .describe("Bytes FIRST to LAST, inclusive, of one stream's log (default: stdout)"),
  grep: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      'Only lines that match this regular expression (RE2 syntax), one chunk per line. Each state of a line that is ' +
        'redrawn (a progress bar) is matched; its `text` is the last one that does, as a terminal shows it',
    ),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(16_777_216)
    .default(1_048_576)
    .describe('Maximum number of bytes in one answer'),
  format: z
    .enum(['json', 'text', 'raw'])
    .default('json')
    .describe('json: chunks; text: decoded, both streams together; raw: the bytes of one stream'),
  text: z
    .stringbool()
    .default(true)
    .describe('false: only positions, for clients that read the bytes from the log files'),
  follow: z.stringbool().default(false).describe('Stream the output so far and new output, until the run ends'),
});
export type OutputQuery = z.input<typeof outputQuery>;
export type OutputOptions = z.output<typeof outputQuery>;

export const output = z.object({
  chunks: z.array(chunk),
  next: z.int().describe('The value of `since` for the next request'),
  droppedBytes: z
    .int()
    .describe(
      'Bytes that this answer would contain if maxLogBytes had not dropped them: all before the first chunk of their ' +
        'stream',
    ),
  status: jobStatus,
  more: z.boolean().describe('More is available now'),
});
export type Output = z.infer<typeof output>;
